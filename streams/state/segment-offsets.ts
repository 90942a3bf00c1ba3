import type { RebuildNote, StoreContext } from './store.ts';

/**
 * For each segment that is remembered, and each source topic, the offset of the first record with a sighting in it:
 * reading from the smallest of them on gives every sighting again.
 */
export class SegmentOffsets {
  readonly #position: StoreContext['position'];
  readonly #first = new Map<number, Map<string, number>>();

  constructor(context: StoreContext) {
    this.#position = context.position;
    for (const [topic, segments] of Object.entries(context.rebuildNote)) {
      for (const [segment, offset] of Object.entries(segments))
        this.#offsetsOf(Number(segment)).set(topic, offset);
    }
  }

  sighted(segment: number): void {
    const position = this.#position();
    if (position === undefined) return;
    const offsets = this.#offsetsOf(segment);
    const known = offsets.get(position.topic);
    if (known === undefined || position.offset < known) offsets.set(position.topic, position.offset);
  }

  forgetBefore(firstKept: number): void {
    for (const segment of this.#first.keys()) if (segment < firstKept) this.#first.delete(segment);
  }

  note(): RebuildNote {
    const note: Record<string, Record<string, number>> = {};
    for (const [segment, offsets] of this.#first)
      for (const [topic, offset] of offsets) (note[topic] ??= {})[segment] = offset;
    return note;
  }

  #offsetsOf(segment: number): Map<string, number> {
    const known = this.#first.get(segment);
    if (known !== undefined) return known;
    const made = new Map<string, number>();
    this.#first.set(segment, made);
    return made;
  }
}
