export interface RateLimit {
  readonly perSecond: number;
  /** So many at once after a pause. */
  readonly burst: number;
}

/** More callers than a machine talks to at a time; beyond it the one not heard of for longest is forgotten. */
const MAX_KEYS = 10_000;

/** A token bucket for each caller, in bounded memory. */
export class RequestRates {
  readonly #limit: RateLimit;
  readonly #nowMs: () => number;
  /** In the order in which they were last used. */
  readonly #buckets = new Map<string, { readonly left: number; readonly atMs: number }>();

  constructor(limit: RateLimit, nowMs: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Counts one request. Returns 0, or after how many seconds to try again. */
  take(key: string): number {
    const { perSecond, burst } = this.#limit;
    const atMs = this.#nowMs();
    const bucket = this.#buckets.get(key) ?? { left: burst, atMs };
    const left = Math.min(burst, bucket.left + ((atMs - bucket.atMs) / 1_000) * perSecond);
    const isFree = left >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: isFree ? left - 1 : left, atMs });
    if (this.#buckets.size > MAX_KEYS) this.#forgetOldest();
    return isFree ? 0 : Math.max(1, Math.ceil((1 - left) / perSecond));
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
