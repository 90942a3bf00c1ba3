import type { ByteEntry, ByteStore, RangeBounds } from './byte-store.ts';
import { fromByteString, toByteString } from './bytes.ts';
import { MAX_KEY_BYTES, assertKeyFits } from './key-limit.ts';
import type { KeyLimit } from './key-limit.ts';

const LIMIT: KeyLimit = { store: 'in memory', maxBytes: MAX_KEY_BYTES };

/**
 * A store in memory. Keys and values are kept as strings of one byte a character: they take a fraction of the space of
 * arrays, cost the garbage collector little, and compare as their bytes do. Point reads are a hash look-up. The order is
 * made when a range is asked for, from the order that was made last: what has gone since is passed over, what has come
 * is merged in.
 */
export class MemoryByteStore implements ByteStore {
  readonly #values = new Map<string, string>();
  #sorted: string[] = [];
  #added = new Set<string>();
  #removed = 0;

  get(key: Uint8Array): Uint8Array | undefined {
    return this.getNamed(nameOf(key));
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.putNamed(nameOf(key), toByteString(value));
  }

  delete(key: Uint8Array): void {
    this.deleteNamed(nameOf(key));
  }

  /** As `get`, for a key that the caller has as a byte string already. */
  getNamed(name: string): Uint8Array | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : fromByteString(value);
  }

  /** As `put`, for a key and a value that the caller has as byte strings already. */
  putNamed(name: string, value: string): void {
    const size = this.#values.size;
    this.#values.set(name, value);
    if (this.#values.size > size) this.#added.add(name);
  }

  deleteNamed(name: string): void {
    if (!this.#values.delete(name)) return;
    if (!this.#added.delete(name)) this.#removed++;
  }

  *range(bounds: RangeBounds): Iterable<ByteEntry> {
    this.#sort();
    let left = bounds.limit ?? Infinity;
    const from = bounds.from === undefined ? '' : toByteString(bounds.from);
    const to = bounds.to === undefined ? undefined : toByteString(bounds.to);
    for (let i = firstAtOrAfter(this.#sorted, from); left > 0; i++) {
      const name = this.#sorted[i];
      if (name === undefined || (to !== undefined && name >= to)) return;
      const value = this.#values.get(name);
      if (value === undefined) continue;
      left--;
      yield { key: fromByteString(name), value: fromByteString(value) };
    }
  }

  #sort(): void {
    if (this.#added.size > 0) {
      const added = [...this.#added].sort();
      this.#sorted = merge(this.#removed > 0 ? this.#present() : this.#sorted, added);
      this.#added = new Set();
      this.#removed = 0;
    } else if (this.#removed > this.#values.size) {
      this.#sorted = this.#present();
      this.#removed = 0;
    }
  }

  #present(): string[] {
    return this.#sorted.filter((name) => this.#values.has(name) && !this.#added.has(name));
  }
}

function nameOf(key: Uint8Array): string {
  assertKeyFits(key.length, LIMIT);
  return toByteString(key);
}

function merge(left: readonly string[], right: readonly string[]): string[] {
  if (left.length === 0) return [...right];
  const merged: string[] = [];
  let next = 0;
  for (const name of left) {
    for (let other = right[next]; other !== undefined && other < name; other = right[++next])
      merged.push(other);
    merged.push(name);
  }
  for (; next < right.length; next++) merged.push(right[next]!);
  return merged;
}

function firstAtOrAfter(sorted: readonly string[], name: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
