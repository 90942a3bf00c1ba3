import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** For how long a check may still wait for others. */
export class Deadline {
  readonly #atMs: number;

  constructor(inMs: number) {
    this.#atMs = performance.now() + inMs;
  }

  get hasPassed(): boolean {
    return performance.now() >= this.#atMs;
  }

  /** Asks at least once, and again until the answer is good or the time is over; resolves to the last answer. */
  async until<T>(ask: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const answer = await ask();
      if (isGood(answer) || this.hasPassed) return answer;
      await sleep(pauseMs);
    }
  }
}
