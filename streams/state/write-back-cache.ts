/**
 * Keeps the values that were read or written last as objects, so that a key which changes a thousand times within
 * a commit is serialised once. Two generations stand in for a list of recent use: when the young one is full it
 * becomes the old one, and what is not asked for again goes with the next change.
 *
 * 1. A dirty entry is never forgotten: generations change only when everything has been written.
 * 2. `undefined` as a value means that the key is known to be absent.
 */
export class WriteBackCache<V> {
  #young = new Map<string, Entry<V>>();
  #old = new Map<string, Entry<V>>();
  #dirty: Entry<V>[] = [];
  readonly #maxEntries: number;
  readonly #write: (key: string, value: V | undefined) => void;

  constructor(options: { maxEntries: number; write: (key: string, value: V | undefined) => void }) {
    this.#maxEntries = options.maxEntries;
    this.#write = options.write;
  }

  /** The entry of the key, or undefined where the cache knows nothing of it. */
  find(key: string): { readonly value: V | undefined } | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#young.set(key, old);
    return old;
  }

  /** Remembers what the store holds. */
  remember(key: string, value: V | undefined): void {
    this.#young.set(key, { key, value, dirty: false });
    if (this.#young.size > this.#maxEntries) this.flush();
  }

  /** Changes the value; the store hears of it at the next flush. */
  change(key: string, value: V | undefined): void {
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known === undefined) {
      const entry = { key, value, dirty: true };
      this.#young.set(key, entry);
      this.#dirty.push(entry);
    } else {
      known.value = value;
      if (!known.dirty) this.#dirty.push(known);
      known.dirty = true;
    }
    if (this.#young.size > this.#maxEntries) this.flush();
  }

  /** Writes every change, in the order in which the keys were first changed. */
  flush(): void {
    for (const entry of this.#dirty) {
      entry.dirty = false;
      this.#write(entry.key, entry.value);
    }
    this.#dirty = [];
    if (this.#young.size > this.#maxEntries) {
      this.#old = this.#young;
      this.#young = new Map();
    }
  }
}

interface Entry<V> {
  readonly key: string;
  value: V | undefined;
  dirty: boolean;
}
