import type { Serde } from '../records/serde.ts';
import type { ByteStore } from './byte-store.ts';
import { TIME_BYTES, readTime, timeBytes, timeThenKey } from './bytes.ts';
import { cacheName } from './cache-name.ts';
import { MAX_KEY_BYTES } from './key-limit.ts';
import type { KeyLimit } from './key-limit.ts';
import type { StateStore, StoreBuilder } from './store.ts';
import { WriteBackCache } from './write-back-cache.ts';

/** One value for each key and window start. Ordered by time, so that the oldest windows are found without a search. */
export interface WindowStore<K, V> extends StateStore {
  get(key: K, windowStartMs: number): V | undefined;
  put(key: K, windowStartMs: number, value: V): void;
  delete(key: K, windowStartMs: number): void;
  /** The start of the oldest window held. */
  oldestStart(): number | undefined;
  /** Windows that start before the given time, by start and then by key. */
  startedBefore(timeMs: number): Iterable<WindowEntry<K, V>>;
}

export interface WindowEntry<K, V> {
  readonly key: K;
  readonly windowStartMs: number;
  readonly value: V;
}

export interface WindowStoreOptions<K, V> {
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** How many windows are kept as objects. Default 10,000. */
  readonly cacheEntries?: number;
}

export function windowStore<K, V>(options: WindowStoreOptions<K, V>): StoreBuilder<WindowStore<K, V>> {
  return { name: options.name, open: (bytes) => new TimeOrderedWindowStore(options, bytes) };
}

class TimeOrderedWindowStore<K, V> implements WindowStore<K, V> {
  readonly #bytes: ByteStore;
  readonly #options: WindowStoreOptions<K, V>;
  readonly #cache: WriteBackCache<Place<K>, V>;
  readonly #limit: KeyLimit;

  constructor(options: WindowStoreOptions<K, V>, bytes: ByteStore) {
    this.#bytes = bytes;
    this.#options = options;
    this.#limit = { store: options.name, maxBytes: MAX_KEY_BYTES - TIME_BYTES };
    this.#cache = new WriteBackCache<Place<K>, V>({
      maxEntries: options.cacheEntries ?? 10_000,
      write: (place, value) => {
        const key = this.#bytesOf(place);
        if (value === undefined) bytes.delete(key);
        else bytes.put(key, options.value.serialize(value));
      },
    });
  }

  get(key: K, windowStartMs: number): V | undefined {
    const name = this.#nameOf(key, windowStartMs);
    const cached = this.#cache.find(name);
    if (cached !== undefined) return cached.value;
    const place = { key, windowStartMs };
    const stored = this.#bytes.get(this.#bytesOf(place));
    const value = stored === undefined ? undefined : this.#options.value.deserialize(stored);
    this.#cache.remember(name, place, value);
    return value;
  }

  put(key: K, windowStartMs: number, value: V): void {
    this.#cache.change(this.#nameOf(key, windowStartMs), { key, windowStartMs }, value);
  }

  delete(key: K, windowStartMs: number): void {
    this.#cache.change(this.#nameOf(key, windowStartMs), { key, windowStartMs }, undefined);
  }

  oldestStart(): number | undefined {
    this.flush();
    for (const entry of this.#bytes.range({ limit: 1 })) return readTime(entry.key, 0);
    return undefined;
  }

  *startedBefore(timeMs: number): Iterable<WindowEntry<K, V>> {
    this.flush();
    for (const entry of this.#bytes.range({ to: timeBytes(timeMs) })) {
      yield {
        key: this.#options.key.deserialize(entry.key.subarray(TIME_BYTES)),
        windowStartMs: readTime(entry.key, 0),
        value: this.#options.value.deserialize(entry.value),
      };
    }
  }

  flush(): void {
    this.#cache.flush();
  }

  #nameOf(key: K, windowStartMs: number): string {
    return `${windowStartMs} ${cacheName(this.#options.key, key, this.#limit)}`;
  }

  #bytesOf(place: Place<K>): Uint8Array {
    return timeThenKey(place.windowStartMs, this.#options.key.serialize(place.key));
  }
}

interface Place<K> {
  readonly key: K;
  readonly windowStartMs: number;
}
