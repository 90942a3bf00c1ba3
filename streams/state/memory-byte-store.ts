import type { ByteEntry, ByteStore, RangeBounds } from './byte-store.ts';
import { compareBytes } from './bytes.ts';
import { MAX_KEY_BYTES, assertKeyFits } from './key-limit.ts';
import type { KeyLimit } from './key-limit.ts';

const LIMIT: KeyLimit = { store: 'in memory', maxBytes: MAX_KEY_BYTES };

/** A store in memory. Point reads are a hash look-up; the order is made when a range is asked for. */
export class MemoryByteStore implements ByteStore {
  readonly #entries = new Map<string, ByteEntry>();
  #sorted: ByteEntry[] | undefined;

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(nameOf(key))?.value;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    // Copies: a Buffer's own `slice` would be a view of what the caller may use again.
    this.#entries.set(nameOf(key), { key: new Uint8Array(key), value: new Uint8Array(value) });
    this.#sorted = undefined;
  }

  delete(key: Uint8Array): void {
    if (this.#entries.delete(nameOf(key))) this.#sorted = undefined;
  }

  *range(bounds: RangeBounds): Iterable<ByteEntry> {
    this.#sorted ??= [...this.#entries.values()].sort((a, b) => compareBytes(a.key, b.key));
    let left = bounds.limit ?? Infinity;
    for (const entry of this.#sorted) {
      if (left <= 0) return;
      if (bounds.from !== undefined && compareBytes(entry.key, bounds.from) < 0) continue;
      if (bounds.to !== undefined && compareBytes(entry.key, bounds.to) >= 0) return;
      left--;
      yield entry;
    }
  }
}

function nameOf(key: Uint8Array): string {
  assertKeyFits(key.length, LIMIT);
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
