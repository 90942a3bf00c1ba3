import type { ByteEntry, ByteStore, RangeBounds } from './byte-store.ts';
import { compareBytes } from './bytes.ts';
import { MAX_KEY_BYTES, assertKeyFits } from './key-limit.ts';
import type { KeyLimit } from './key-limit.ts';

const LIMIT: KeyLimit = { store: 'in memory', maxBytes: MAX_KEY_BYTES };

/**
 * A store in memory. Point reads are a hash look-up. The order is made when a range is asked for, from the order that
 * was made last: what has gone since is passed over, what has come is merged in.
 */
export class MemoryByteStore implements ByteStore {
  readonly #entries = new Map<string, Entry>();
  #sorted: Entry[] = [];
  #added: Entry[] = [];
  #removed = 0;

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(nameOf(key))?.value;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    const name = nameOf(key);
    // Copies: a Buffer's own `slice` would be a view of what the caller may use again.
    const copy = new Uint8Array(value);
    const known = this.#entries.get(name);
    if (known !== undefined) {
      known.value = copy;
      return;
    }
    const entry = { key: new Uint8Array(key), value: copy, removed: false };
    this.#entries.set(name, entry);
    this.#added.push(entry);
  }

  delete(key: Uint8Array): void {
    const name = nameOf(key);
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.removed = true;
    this.#removed++;
    this.#entries.delete(name);
  }

  *range(bounds: RangeBounds): Iterable<ByteEntry> {
    this.#sort();
    let left = bounds.limit ?? Infinity;
    const { from, to } = bounds;
    for (let i = from === undefined ? 0 : firstAtOrAfter(this.#sorted, from); left > 0; i++) {
      const entry = this.#sorted[i];
      if (entry === undefined || (to !== undefined && compareBytes(entry.key, to) >= 0)) return;
      if (entry.removed) continue;
      left--;
      yield entry;
    }
  }

  #sort(): void {
    if (this.#added.length > 0) {
      const added = this.#added.filter((entry) => !entry.removed).sort((a, b) => compareBytes(a.key, b.key));
      this.#sorted = merge(this.#sorted, added);
      this.#added = [];
      this.#removed = 0;
    } else if (this.#removed > this.#entries.size) {
      this.#sorted = this.#sorted.filter((entry) => !entry.removed);
      this.#removed = 0;
    }
  }
}

interface Entry {
  readonly key: Uint8Array;
  value: Uint8Array;
  removed: boolean;
}

function merge(left: readonly Entry[], right: readonly Entry[]): Entry[] {
  const merged: Entry[] = [];
  let next = 0;
  for (const entry of left) {
    if (entry.removed) continue;
    for (let other = right[next]; other !== undefined; other = right[++next]) {
      if (compareBytes(other.key, entry.key) > 0) break;
      merged.push(other);
    }
    merged.push(entry);
  }
  for (const entry of right.slice(next)) merged.push(entry);
  return merged;
}

function firstAtOrAfter(sorted: readonly Entry[], key: Uint8Array): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = sorted[middle];
    if (entry !== undefined && compareBytes(entry.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nameOf(key: Uint8Array): string {
  assertKeyFits(key.length, LIMIT);
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
