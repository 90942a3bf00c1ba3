import type { Backoff, Verdict } from './retry-policy.ts';
import { backoffMs } from './retry-policy.ts';

export interface DeliveryLimits {
  readonly maxAttempts: number;
  readonly giveUpAfterMs: number;
  readonly backoff: Backoff;
}

/** How far the delivery of one alert has come in this process. Times are by the monotonic clock. */
export class Delivery {
  readonly #limits: DeliveryLimits;
  #startedAtMs: number | undefined;
  #attempts = 0;
  /** The next attempt does not start before. */
  dueAtMs = 0;
  /** Why the last attempt failed. */
  failure = '';
  /** Set when there is no further attempt. */
  givenUp: { readonly reason: string; readonly gone: boolean } | undefined;

  constructor(limits: DeliveryLimits) {
    this.#limits = limits;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** Notes an attempt that begins. The time until giving up counts from the first: a pause before it is no failure. */
  begins(): void {
    this.#attempts++;
    this.#startedAtMs ??= performance.now();
  }

  /** Notes an attempt that failed: says when the next one is, or that there is none. */
  hasFailed(verdict: Exclude<Verdict, { type: 'accepted' }>): void {
    const { maxAttempts, giveUpAfterMs, backoff } = this.#limits;
    this.failure = verdict.reason;
    if (verdict.type === 'refused') {
      this.givenUp = verdict;
      return;
    }
    const nowMs = performance.now();
    this.dueAtMs = nowMs + Math.max(backoffMs(this.attempts, backoff), verdict.notBeforeMs);
    const tookMs = this.dueAtMs - (this.#startedAtMs ?? nowMs);
    const isExhausted = this.attempts >= maxAttempts || tookMs > giveUpAfterMs;
    if (isExhausted) this.givenUp = { reason: verdict.reason, gone: false };
  }
}
