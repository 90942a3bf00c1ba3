import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A token bucket that holds a second's worth of requests. Kept as the time at which it is full again (GCRA), so that it
 * needs no timer; who comes first goes first.
 */
export class RateLimit {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  #fullAtMs = 0;

  constructor(requestsPerSecond: number) {
    this.#intervalMs = 1_000 / requestsPerSecond;
    this.#burstMs = (Math.max(Math.floor(requestsPerSecond), 1) - 1) * this.#intervalMs;
  }

  /** Resolves when the next request may start; rejects when the signal aborts. */
  async take(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    const fullAtMs = Math.max(this.#fullAtMs, nowMs);
    this.#fullAtMs = fullAtMs + this.#intervalMs;
    const waitMs = fullAtMs - this.#burstMs - nowMs;
    if (waitMs > 0) await sleep(waitMs, undefined, { signal });
  }
}
