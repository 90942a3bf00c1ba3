const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;

/** How long to wait before the next attempt: longer each time, until one has succeeded. */
export class Retry {
  #pauseMs = FIRST_PAUSE_MS;

  nextPauseMs(): number {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    return pauseMs;
  }

  reset(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
  }
}
