import type { ByteEntry, ByteStore, RangeBounds } from '../../../state/byte-store.ts';
import { compareBytes, fromByteString, toByteString } from '../../../state/bytes.ts';
import { MAX_KEY_BYTES, assertKeyFits } from '../../../state/key-limit.ts';
import type { KeyLimit } from '../../../state/key-limit.ts';
import { MemoryByteStore } from '../../../state/memory-byte-store.ts';

/** A change of one key; null removes it. */
export interface Change {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** Values by keys, both as byte strings; null: removed. */
type Layer = Map<string, string | null>;

/**
 * What a task has written to a store and not committed yet, over what is committed.
 *
 * 1. Nothing reaches the bytes beneath before the transaction that it belongs to has been committed.
 * 2. While one transaction is being committed the next may be filled: the sealed changes lie between the two.
 * 3. Several changes of a key within one transaction are one.
 */
export class TransactionBuffer implements ByteStore {
  readonly #limit: KeyLimit;
  readonly #committed: ByteStore;
  /** What is committed, where it is kept as byte strings as well: they are handed on as they are. */
  readonly #inMemory: MemoryByteStore | undefined;
  #open: Layer = new Map();
  #sealed: Layer = new Map();

  constructor(name: string, committed: ByteStore) {
    this.#limit = { store: name, maxBytes: MAX_KEY_BYTES };
    this.#committed = committed;
    this.#inMemory = committed instanceof MemoryByteStore ? committed : undefined;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const name = toByteString(key);
    let value = this.#open.get(name);
    if (value === undefined) value = this.#sealed.get(name);
    if (value !== undefined) return value === null ? undefined : fromByteString(value);
    return this.#inMemory === undefined ? this.#committed.get(key) : this.#inMemory.getNamed(name);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    assertKeyFits(key.length, this.#limit);
    this.#open.set(toByteString(key), toByteString(value));
  }

  delete(key: Uint8Array): void {
    assertKeyFits(key.length, this.#limit);
    this.#open.set(toByteString(key), null);
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

  /** Ends the open transaction. Not before `apply` has ended the one before. */
  seal(): void {
    this.#sealed = this.#open;
    this.#open = new Map();
  }

  /** The changes of the sealed transaction, in the order in which their keys were first changed. */
  sealed(): readonly Change[] {
    return Array.from(this.#sealed, ([name, value]) => changeOf(name, value));
  }

  /** The sealed transaction is committed: its changes go to the bytes beneath. */
  apply(): void {
    const inMemory = this.#inMemory;
    for (const [name, value] of this.#sealed) {
      if (inMemory === undefined) this.#commit(changeOf(name, value));
      else if (value === null) inMemory.deleteNamed(name);
      else inMemory.putNamed(name, value);
    }
    this.#sealed = new Map();
  }

  #commit({ key, value }: Change): void {
    if (value === null) this.#committed.delete(key);
    else this.#committed.put(key, value);
  }

  /** The open change of each key, or the sealed one, in the order of the keys. */
  #changesWithin({ from, to }: RangeBounds): Change[] {
    if (this.#open.size === 0 && this.#sealed.size === 0) return [];
    const first = from === undefined ? '' : toByteString(from);
    const end = to === undefined ? undefined : toByteString(to);
    const within = (name: string): boolean => name >= first && (end === undefined || name < end);
    const names = [...this.#open.keys()].filter(within);
    for (const name of this.#sealed.keys()) if (!this.#open.has(name) && within(name)) names.push(name);
    return names.sort().map((name) => {
      const value = this.#open.get(name);
      return changeOf(name, value === undefined ? (this.#sealed.get(name) ?? null) : value);
    });
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

function changeOf(name: string, value: string | null): Change {
  return { key: fromByteString(name), value: value === null ? null : fromByteString(value) };
}
