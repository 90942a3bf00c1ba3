/**
 * A task's stream time and what waits for it.
 *
 * 1. Stream time is the largest timestamp seen; it never goes back.
 * 2. Callbacks come in the order in which they were registered, before the record that moved the time.
 * 3. A punctuation falls due at multiples of its interval, so after a restart it goes on where it was.
 */
export class StreamTime {
  #nowMs: number;
  readonly #callbacks: ((streamTimeMs: number) => void)[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  onAdvance(callback: (streamTimeMs: number) => void): void {
    this.#callbacks.push(callback);
  }

  every(intervalMs: number, callback: (timeMs: number) => void): void {
    const due = dueEvery(intervalMs, this.#nowMs, callback);
    this.onAdvance((timeMs) => void due(timeMs));
  }

  advanceTo(timeMs: number): void {
    if (timeMs <= this.#nowMs) return;
    this.#nowMs = timeMs;
    for (const callback of this.#callbacks) callback(timeMs);
  }
}

/**
 * Turns calls with a rising time into one call for each time that a multiple of the interval was passed; says each time
 * whether that was so. From a time before 0 on, the first call only begins the schedule.
 */
export function dueEvery(
  intervalMs: number,
  startMs: number,
  callback: (timeMs: number) => void,
): (timeMs: number) => boolean {
  let dueMs = startMs < 0 ? undefined : nextMultiple(intervalMs, startMs);
  return (timeMs) => {
    const due = dueMs !== undefined && timeMs >= dueMs;
    if (due || dueMs === undefined) dueMs = nextMultiple(intervalMs, timeMs);
    if (due) callback(timeMs);
    return due;
  };
}

function nextMultiple(intervalMs: number, timeMs: number): number {
  return (Math.floor(timeMs / intervalMs) + 1) * intervalMs;
}
