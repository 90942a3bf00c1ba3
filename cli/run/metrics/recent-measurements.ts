const SLOT_MS = 10_000;
const SLOTS = 6;

interface Slot {
  readonly startMs: number;
  count: number;
  sum: number;
  max: number;
}

/** What was measured in the last minute, in the way of Kafka's sampled statistics: a few slots, the oldest forgotten. */
export class RecentMeasurements {
  readonly #now: () => number;
  readonly #bornMs: number;
  #slots: Slot[] = [];

  /** `now`: milliseconds of a clock that only moves forward. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#bornMs = now();
  }

  add(value: number): void {
    const now = this.#now();
    let slot = this.#slots.at(-1);
    if (slot === undefined || now - slot.startMs >= SLOT_MS) {
      slot = { startMs: now, count: 0, sum: 0, max: 0 };
      this.#slots.push(slot);
      this.#forget();
    }
    slot.count++;
    slot.sum += value;
    slot.max = Math.max(slot.max, value);
  }

  /** 0 where nothing was measured. */
  average(): number {
    const { count, sum } = this.#total();
    return count === 0 ? 0 : sum / count;
  }

  max(): number {
    return this.#total().max;
  }

  /** What the values sum up to for each second. */
  sumPerSecond(): number {
    return this.#total().sum / this.#seconds();
  }

  countPerSecond(): number {
    return this.#total().count / this.#seconds();
  }

  #total(): { readonly count: number; readonly sum: number; readonly max: number } {
    this.#forget();
    return {
      count: this.#slots.reduce((count, slot) => count + slot.count, 0),
      sum: this.#slots.reduce((sum, slot) => sum + slot.sum, 0),
      max: this.#slots.reduce((max, slot) => Math.max(max, slot.max), 0),
    };
  }

  /** How far back the slots reach: a minute, or less at the beginning. */
  #seconds(): number {
    const now = this.#now();
    const since = Math.max(this.#bornMs, now - SLOTS * SLOT_MS);
    return Math.max(now - since, 1_000) / 1_000;
  }

  #forget(): void {
    const oldest = this.#now() - SLOTS * SLOT_MS;
    this.#slots = this.#slots.filter(({ startMs }) => startMs > oldest);
  }
}
