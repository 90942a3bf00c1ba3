import type { ByteEntry, ByteStore, RangeBounds } from '../../../state/byte-store.ts';
import { compareBytes } from '../../../state/bytes.ts';
import { MAX_KEY_BYTES, assertKeyFits } from '../../../state/key-limit.ts';

/** A change of one key; null removes it. */
export interface Change {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

type Layer = Map<string, Change>;

/**
 * What a task has written to a store and not committed yet, over what is committed.
 *
 * 1. Nothing reaches the bytes beneath before the transaction that it belongs to has been committed.
 * 2. While one transaction is being committed the next may be filled: the sealed changes lie between the two.
 * 3. Several changes of a key within one transaction are one.
 */
export class TransactionBuffer implements ByteStore {
  readonly #name: string;
  readonly #committed: ByteStore;
  #open: Layer = new Map();
  #sealed: Layer = new Map();

  constructor(name: string, committed: ByteStore) {
    this.#name = name;
    this.#committed = committed;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const name = nameOf(key);
    const change = this.#open.get(name) ?? this.#sealed.get(name);
    return change === undefined ? this.#committed.get(key) : (change.value ?? undefined);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#change(key, new Uint8Array(value));
  }

  delete(key: Uint8Array): void {
    this.#change(key, null);
  }

  *range(bounds: RangeBounds): Iterable<ByteEntry> {
    const changes = this.#changesWithin(bounds);
    if (changes.length === 0) {
      yield* this.#committed.range(bounds);
      return;
    }
    let left = bounds.limit ?? Infinity;
    for (const entry of this.#merged(changes, bounds)) {
      if (left-- <= 0) return;
      yield entry;
    }
  }

  /** Ends the open transaction and hands over its changes. Not before `apply` has ended the one before. */
  seal(): readonly Change[] {
    this.#sealed = this.#open;
    this.#open = new Map();
    return [...this.#sealed.values()];
  }

  /** The sealed transaction is committed: its changes go to the bytes beneath. */
  apply(): void {
    for (const { key, value } of this.#sealed.values()) {
      if (value === null) this.#committed.delete(key);
      else this.#committed.put(key, value);
    }
    this.#sealed = new Map();
  }

  #change(key: Uint8Array, value: Uint8Array | null): void {
    assertKeyFits(key.length, { store: this.#name, maxBytes: MAX_KEY_BYTES });
    const name = nameOf(key);
    const known = this.#open.get(name);
    this.#open.set(name, { key: known?.key ?? new Uint8Array(key), value });
  }

  /** The open change of each key, or the sealed one, in the order of the keys. */
  #changesWithin({ from, to }: RangeBounds): Change[] {
    if (this.#open.size === 0 && this.#sealed.size === 0) return [];
    const within = ({ key }: Change): boolean =>
      (from === undefined || compareBytes(key, from) >= 0) && (to === undefined || compareBytes(key, to) < 0);
    const changes = [...this.#open.values()].filter(within);
    for (const [name, change] of this.#sealed)
      if (!this.#open.has(name) && within(change)) changes.push(change);
    return changes.sort((a, b) => compareBytes(a.key, b.key));
  }

  *#merged(changes: readonly Change[], { from, to }: RangeBounds): Iterable<ByteEntry> {
    let next = 0;
    const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    for (const entry of this.#committed.range(bounds)) {
      let order = 1;
      for (let change = changes[next]; change !== undefined; change = changes[++next]) {
        order = compareBytes(change.key, entry.key);
        if (order >= 0) break;
        if (change.value !== null) yield { key: change.key, value: change.value };
      }
      if (next >= changes.length || order > 0) yield entry;
    }
    for (const { key, value } of changes.slice(next)) if (value !== null) yield { key, value };
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
