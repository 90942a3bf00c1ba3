import type { Serde } from '../records/serde.ts';
import type { ByteStore } from './byte-store.ts';
import { cacheName } from './cache-name.ts';
import { MAX_KEY_BYTES } from './key-limit.ts';
import type { KeyLimit } from './key-limit.ts';
import type { StateStore, StoreBuilder } from './store.ts';
import { WriteBackCache } from './write-back-cache.ts';

/** The newest value of each key. */
export interface ReadOnlyKeyValueStore<K, V> {
  get(key: K): V | undefined;
  /** All entries, in the order of their keys' bytes. */
  entries(): Iterable<readonly [K, V]>;
}

export interface KeyValueStore<K, V> extends ReadOnlyKeyValueStore<K, V>, StateStore {
  put(key: K, value: V): void;
  delete(key: K): void;
}

export interface KeyValueStoreOptions<K, V> {
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** How many entries are kept as objects. Default 10,000. */
  readonly cacheEntries?: number;
}

export function keyValueStore<K, V>(options: KeyValueStoreOptions<K, V>): StoreBuilder<KeyValueStore<K, V>> {
  return { name: options.name, open: (bytes) => new CachedKeyValueStore(options, bytes) };
}

class CachedKeyValueStore<K, V> implements KeyValueStore<K, V> {
  readonly #bytes: ByteStore;
  readonly #keySerde: Serde<K>;
  readonly #valueSerde: Serde<V>;
  readonly #cache: WriteBackCache<K, V>;
  readonly #limit: KeyLimit;

  constructor(options: KeyValueStoreOptions<K, V>, bytes: ByteStore) {
    this.#bytes = bytes;
    this.#keySerde = options.key;
    this.#valueSerde = options.value;
    this.#limit = { store: options.name, maxBytes: MAX_KEY_BYTES };
    this.#cache = new WriteBackCache<K, V>({
      maxEntries: options.cacheEntries ?? 10_000,
      write: (key, value) => {
        if (value === undefined) bytes.delete(options.key.serialize(key));
        else bytes.put(options.key.serialize(key), options.value.serialize(value));
      },
    });
  }

  get(key: K): V | undefined {
    const name = this.#nameOf(key);
    const cached = this.#cache.find(name);
    if (cached !== undefined) return cached.value;
    const stored = this.#bytes.get(this.#keySerde.serialize(key));
    const value = stored === undefined ? undefined : this.#valueSerde.deserialize(stored);
    this.#cache.remember(name, key, value);
    return value;
  }

  put(key: K, value: V): void {
    this.#cache.change(this.#nameOf(key), key, value);
  }

  delete(key: K): void {
    this.#cache.change(this.#nameOf(key), key, undefined);
  }

  *entries(): Iterable<readonly [K, V]> {
    this.flush();
    for (const entry of this.#bytes.range({})) {
      yield [this.#keySerde.deserialize(entry.key), this.#valueSerde.deserialize(entry.value)];
    }
  }

  flush(): void {
    this.#cache.flush();
  }

  #nameOf(key: K): string {
    return cacheName(this.#keySerde, key, this.#limit);
  }
}
