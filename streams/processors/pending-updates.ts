import type { Headers } from '../records/record.ts';

/** What a table would have passed on for a key. */
export interface Update<A> {
  readonly value: A;
  readonly timestamp: number;
  readonly headers: Headers;
}

/**
 * The updates of a table that wait for the commit: of each key, and window, the last one. Keys that are objects are told
 * apart by identity: then each update may stand for itself, and the last of a key still comes last.
 */
export class PendingUpdates<K, A> {
  #byStart = new Map<number, Map<K, Update<A>>>();

  /** @param startMs the start of the window, 0 where there are none */
  set(key: K, startMs: number, update: Update<A>): void {
    let updates = this.#byStart.get(startMs);
    if (updates === undefined) this.#byStart.set(startMs, (updates = new Map<K, Update<A>>()));
    updates.set(key, update);
  }

  /** In the order in which windows, and within them keys, were first changed. */
  drain(pass: (key: K, startMs: number, update: Update<A>) => void): void {
    const pending = this.#byStart;
    this.#byStart = new Map();
    for (const [startMs, updates] of pending) for (const [key, update] of updates) pass(key, startMs, update);
  }
}
