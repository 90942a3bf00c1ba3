import type { TaskStatus } from './runtime-event.ts';

/** How far the restore of a task has come. */
export class RestoreMeter {
  readonly #onRestored: (restored: { store: string; records: number; durationMs: number }) => void;
  #store: string | undefined;
  #startedAtMs = 0;
  #startRemaining = 0;
  #remaining = 0;
  #records = 0;

  constructor(onRestored: (restored: { store: string; records: number; durationMs: number }) => void) {
    this.#onRestored = onRestored;
  }

  begin(store: string, remaining: number): void {
    this.#store = store;
    this.#startedAtMs = performance.now();
    this.#startRemaining = remaining;
    this.#remaining = remaining;
    this.#records = 0;
  }

  restored(records: number, remaining: number): void {
    this.#records += records;
    this.#remaining = remaining;
  }

  end(): void {
    const store = this.#store ?? '';
    const durationMs = performance.now() - this.#startedAtMs;
    // A transaction's marker alone may have been missing.
    if (this.#records > 0) this.#onRestored({ store, records: this.#records, durationMs });
    this.#store = undefined;
  }

  /** The restore was broken off. */
  stop(): void {
    this.#store = undefined;
  }

  status(): TaskStatus['restore'] {
    if (this.#store === undefined) return undefined;
    const passed = this.#startRemaining - this.#remaining;
    const elapsedMs = performance.now() - this.#startedAtMs;
    return {
      store: this.#store,
      restored: this.#records,
      remaining: this.#remaining,
      estimateMs: passed === 0 ? undefined : (elapsedMs / passed) * this.#remaining,
    };
  }
}
