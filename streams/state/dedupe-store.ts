import type { ByteStore } from './byte-store.ts';
import { readTime, timeBytes, writeTime } from './bytes.ts';
import type { StateStore, StoreBuilder } from './store.ts';

/**
 * The ids seen in the last `withinMs` of event time.
 *
 * 1. Every sighting counts and refreshes: an id that comes back within `withinMs` of its *last* sighting is a
 *    duplicate. So a store that is rebuilt from the middle of the input agrees with one that lived from the start.
 * 2. Sightings lie in segments of `withinMs` of event time. An id is looked up in the segments around its time;
 *    segments that no sighting can reach any more are removed a little at a time.
 */
export interface DedupeStore extends StateStore {
  /** Was the id seen within reach of this time? Does not count as a sighting. */
  has(id: string, timeMs: number): boolean;
  /** Records a sighting; true if it is the first within reach, false for a duplicate. */
  add(id: string, timeMs: number): boolean;
  /** Forgets what lies out of reach of the given stream time, at most `maxEntries` ids; returns how many it forgot. */
  expire(streamTimeMs: number, maxEntries: number): number;
}

export interface DedupeStoreOptions {
  readonly name: string;
  readonly withinMs: number;
}

export function dedupeStore(options: DedupeStoreOptions): StoreBuilder<DedupeStore> {
  return { name: options.name, open: (bytes) => new SegmentedDedupeStore(options.withinMs, bytes) };
}

class SegmentedDedupeStore implements DedupeStore {
  readonly #withinMs: number;
  readonly #bytes: ByteStore;
  /** Sightings since the last flush, by segment: most ids are looked up and written exactly once. */
  #fresh = new Map<number, Map<string, number>>();
  /** Segments of which the store beneath holds something: the others need no look-up. */
  readonly #stored = new Set<number>();
  #scratch = Buffer.alloc(256);

  constructor(withinMs: number, bytes: ByteStore) {
    this.#withinMs = withinMs;
    this.#bytes = bytes;
    this.#findStoredSegments();
  }

  has(id: string, timeMs: number): boolean {
    const segment = this.#segmentOf(timeMs);
    return (
      this.#seenIn(segment, id, timeMs) ||
      this.#seenIn(segment - 1, id, timeMs) ||
      this.#seenIn(segment + 1, id, timeMs)
    );
  }

  add(id: string, timeMs: number): boolean {
    const duplicate = this.has(id, timeMs);
    const segment = this.#segmentOf(timeMs);
    const last = this.#lastIn(segment, id);
    if (last === undefined || last < timeMs) this.#freshOf(segment).set(id, timeMs);
    return !duplicate;
  }

  expire(streamTimeMs: number, maxEntries: number): number {
    const firstKept = this.#segmentOf(streamTimeMs) - 2;
    if (firstKept <= 0) return 0;
    const bounds = { to: timeBytes(firstKept * this.#withinMs), limit: maxEntries };
    const expired = Array.from(this.#bytes.range(bounds), (entry) => entry.key.slice());
    for (const key of expired) this.#bytes.delete(key);
    if (expired.length < maxEntries) this.#forgetSegmentsBefore(firstKept);
    return expired.length;
  }

  flush(): void {
    for (const [segment, sightings] of this.#fresh) {
      this.#stored.add(segment);
      for (const [id, timeMs] of sightings) this.#bytes.put(this.#keyOf(segment, id), timeBytes(timeMs));
    }
    this.#fresh.clear();
  }

  #findStoredSegments(): void {
    let from = timeBytes(0);
    for (;;) {
      const [next] = this.#bytes.range({ from, limit: 1 });
      if (next === undefined) return;
      const segment = this.#segmentOf(readTime(next.key, 0));
      this.#stored.add(segment);
      from = timeBytes((segment + 1) * this.#withinMs);
    }
  }

  #forgetSegmentsBefore(firstKept: number): void {
    for (const segment of this.#stored) if (segment < firstKept) this.#stored.delete(segment);
  }

  #segmentOf(timeMs: number): number {
    return Math.floor(timeMs / this.#withinMs);
  }

  #seenIn(segment: number, id: string, timeMs: number): boolean {
    const last = this.#lastIn(segment, id);
    return last !== undefined && Math.abs(timeMs - last) <= this.#withinMs;
  }

  #lastIn(segment: number, id: string): number | undefined {
    if (segment < 0) return undefined;
    const fresh = this.#fresh.get(segment)?.get(id);
    if (fresh !== undefined) return fresh;
    if (!this.#stored.has(segment)) return undefined;
    const stored = this.#bytes.get(this.#keyOf(segment, id));
    return stored === undefined ? undefined : readTime(stored, 0);
  }

  #freshOf(segment: number): Map<string, number> {
    let sightings = this.#fresh.get(segment);
    if (sightings === undefined) this.#fresh.set(segment, (sightings = new Map<string, number>()));
    return sightings;
  }

  /** The key in a buffer that the next call uses again. */
  #keyOf(segment: number, id: string): Uint8Array {
    const length = 8 + Buffer.byteLength(id);
    if (length > this.#scratch.length) this.#scratch = Buffer.alloc(length * 2);
    writeTime(this.#scratch, 0, segment * this.#withinMs);
    this.#scratch.write(id, 8);
    return this.#scratch.subarray(0, length);
  }
}
