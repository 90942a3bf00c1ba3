import type { KeyValueStore } from '../state/key-value-store.ts';
import type { StateStore, StoreBuilder } from '../state/store.ts';
import type { BuildContext } from './build-context.ts';
import type { KStream } from './kstream.ts';

/** The newest value of each key, and the store that holds it: processors and queries may read it. */
export class KTable<K, V, S extends StateStore = KeyValueStore<K, V>> {
  readonly store: StoreBuilder<S>;
  readonly #context: BuildContext;
  readonly #node: string;

  constructor(context: BuildContext, node: string, store: StoreBuilder<S>) {
    this.#context = context;
    this.#node = node;
    this.store = store;
  }

  /** Every change of the table, as a stream. */
  toStream(): KStream<K, V> {
    return this.#context.stream(this.#node, { keyChanged: false });
  }
}
