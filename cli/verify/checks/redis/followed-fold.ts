import type { TopicPartition } from '@incident-streams/streams/kafka';
import { decoded, isUnreadable } from '../../comparing/decoded.ts';
import { CannotCheckError } from '../../errors.ts';
import type { SettledRange } from '../../reading/settled-range.ts';
import { nameOf } from '../../reading/topic-reader.ts';
import type { VerifyParts } from '../../verify-parts.ts';
import type { Mark } from './redis-partition.ts';
import { ReferenceFold } from './reference-fold.ts';

/** The reference, folded up to where Redis is: it follows the mark forwards. */
export class FollowedFold {
  readonly fold: ReferenceFold;
  readonly #parts: VerifyParts;
  readonly #place: TopicPartition;
  readonly #start: number;
  #next: number;

  constructor(
    parts: VerifyParts,
    place: TopicPartition,
    options: { readonly range: SettledRange; readonly remembers: (id: string) => boolean },
  ) {
    this.#parts = parts;
    this.#place = place;
    this.#start = this.#next = options.range.start;
    this.fold = new ReferenceFold(options.remembers);
  }

  /** Whether transitions are missing that Redis may have been made from. */
  get beginsLate(): boolean {
    return this.#start > 0;
  }

  /** @throws {CannotCheckError} where Redis has gone back, or is being restored */
  async follow({ offset, isBeingRestored }: Mark): Promise<ReferenceFold> {
    if (offset + 1 < this.#next && this.#next > this.#start)
      throw new CannotCheckError(
        `Redis went back from offset ${this.#next - 1} of ${nameOf(this.#place)} to ${offset} while it was read`,
      );
    if (isBeingRestored)
      throw new CannotCheckError(
        `Redis is being restored: of ${nameOf(this.#place)} it has applied up to offset ${offset}`,
      );
    const { incidentTransition } = this.#parts.sources.serdes;
    for await (const records of this.#parts.read(this.#place, { from: this.#next, to: offset + 1 }))
      for (const record of records) {
        const transition = decoded(record, incidentTransition);
        if (transition === null) continue;
        if (isUnreadable(transition))
          throw new CannotCheckError(
            `${nameOf(this.#place)}@${record.offset} cannot be read: ${transition.unreadable}`,
          );
        this.fold.add(transition);
      }
    this.#next = Math.max(this.#next, offset + 1);
    return this.fold;
  }
}
