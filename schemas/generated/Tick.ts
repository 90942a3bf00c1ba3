// Made by `npm run schemas` from schemas/Tick.avsc. Change that file, not this one.

/**
 * Moves the stream time of one inbox partition on while no events arrive. What only a wall clock can decide
 * takes effect where its tick is read, so that a replay decides the same.
 */
export interface Tick {
  /** Names the tick. The same id again is the same tick again. */
  readonly id: string;
  /** The stream time that the partition has reached at least. Milliseconds since the epoch. */
  readonly time: number;
  /** Why the tick was written, for people. */
  readonly reason: string;
}
