/**
 * Keeps the values that were read or written last as objects, so that a key which changes a thousand times within
 * a commit is serialised once. `name` is what the cache looks an entry up by; `place` is what the store needs to
 * write it. Two generations stand in for a list of recent use: when the young one is full it becomes the old one,
 * and what is not asked for again goes with the next change.
 *
 * 1. A dirty entry is never forgotten: generations change only when everything has been written.
 * 2. `undefined` as a value means that the key is known to be absent.
 */
export class WriteBackCache<P, V> {
  #young = new Map<string, Entry<P, V>>();
  #old = new Map<string, Entry<P, V>>();
  #dirty: Entry<P, V>[] = [];
  readonly #maxEntries: number;
  readonly #write: (place: P, value: V | undefined) => void;

  constructor(options: { maxEntries: number; write: (place: P, value: V | undefined) => void }) {
    this.#maxEntries = options.maxEntries;
    this.#write = options.write;
  }

  /** The entry of the name, or undefined where the cache knows nothing of it. */
  find(name: string): { readonly value: V | undefined } | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.#young.set(name, old);
    return old;
  }

  /** Remembers what the store holds. */
  remember(name: string, place: P, value: V | undefined): void {
    this.#young.set(name, { place, value, dirty: false });
    if (this.#young.size > this.#maxEntries) this.flush();
  }

  /** Changes the value; the store hears of it at the next flush. */
  change(name: string, place: P, value: V | undefined): void {
    const known = this.#young.get(name) ?? this.#old.get(name);
    if (known === undefined) {
      const entry = { place, value, dirty: true };
      this.#young.set(name, entry);
      this.#dirty.push(entry);
      if (this.#young.size > this.#maxEntries) this.flush();
    } else {
      known.value = value;
      if (!known.dirty) this.#dirty.push(known);
      known.dirty = true;
    }
  }

  /** Writes every change, in the order in which the keys were first changed. */
  flush(): void {
    for (const entry of this.#dirty) {
      entry.dirty = false;
      this.#write(entry.place, entry.value);
    }
    this.#dirty = [];
    if (this.#young.size > this.#maxEntries) {
      this.#old = this.#young;
      this.#young = new Map();
    }
  }
}

interface Entry<P, V> {
  readonly place: P;
  value: V | undefined;
  dirty: boolean;
}
