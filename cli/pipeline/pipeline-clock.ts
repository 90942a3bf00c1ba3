/**
 * What time it is for the pipeline, in milliseconds since the epoch. While old data is replayed that is the time of the
 * data; afterwards time goes on from there, until the first event that lies beyond it makes it today.
 */
export class PipelineClock {
  #replayedUpTo: number | undefined;
  #pausedAt: number | undefined;

  /** The replay has come to this time. */
  replayTo(timeMs: number): void {
    this.#replayedUpTo = timeMs;
  }

  replayEnded(): void {
    this.#pausedAt = Date.now();
  }

  /** From now on it is today. */
  goLive(): void {
    this.#replayedUpTo = undefined;
  }

  get isLive(): boolean {
    return this.#replayedUpTo === undefined;
  }

  get isReplaying(): boolean {
    return this.#replayedUpTo !== undefined && this.#pausedAt === undefined;
  }

  now(): number {
    if (this.#replayedUpTo === undefined) return Date.now();
    return this.#replayedUpTo + (this.#pausedAt === undefined ? 0 : Date.now() - this.#pausedAt);
  }
}
