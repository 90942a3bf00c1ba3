import type { StreamRecord } from '../records/record.ts';
import type { KeyValueStore } from '../state/key-value-store.ts';
import type { StoreBuilder } from '../state/store.ts';
import { PendingUpdates } from './pending-updates.ts';
import type { Processor, ProcessorContext } from './processor.ts';
import type { UpdateStrategy } from './windowed.ts';

/**
 * Folds a value into what is known of its key. Return a new aggregate rather than change the given one: it may have
 * been passed on, and lie in another store's cache.
 */
export type Aggregator<K, V, A> = (key: K, value: V, aggregate: A) => A;

/**
 * The aggregate before the first value. The value that begins it is handed in, which Kafka Streams does not do, so
 * that what all values of a key share need not be folded again and again.
 */
export type Initializer<K, V, A> = (key: K, value: V) => A;

/** What a key's first value is folded with: an initial aggregate, or the value itself (a reduction). */
export type FirstAggregate<K, V, A> = (
  key: K,
  value: V,
) => { readonly aggregate: A; readonly folded: boolean };

export interface AggregateOptions<K, V, A> {
  readonly store: StoreBuilder<KeyValueStore<K, A>>;
  readonly first: FirstAggregate<K, V, A>;
  readonly aggregator: Aggregator<K, V, A>;
  readonly emit: UpdateStrategy;
}

/**
 * One aggregate for each key; every change is passed on, or the last one before a commit. A record without a key or without a value is counted as
 * `null-key` or `null-value` and not folded.
 */
export class AggregateProcessor<K, V, A> implements Processor<K, V, K, A> {
  readonly #builder: StoreBuilder<KeyValueStore<K, A>>;
  readonly #first: FirstAggregate<K, V, A>;
  readonly #aggregator: Aggregator<K, V, A>;
  readonly #emit: UpdateStrategy;
  readonly #pending = new PendingUpdates<K, A>();
  #context!: ProcessorContext<K, A>;
  #store!: KeyValueStore<K, A>;

  constructor(options: AggregateOptions<K, V, A>) {
    this.#builder = options.store;
    this.#first = options.first;
    this.#aggregator = options.aggregator;
    this.#emit = options.emit;
  }

  init(context: ProcessorContext<K, A>): void {
    this.#context = context;
    this.#store = context.store(this.#builder);
    context.onCommit(() => {
      this.#pending.drain((key, _start, update) => this.#context.forward({ key, ...update }));
    });
  }

  process(record: StreamRecord<K, V>): void {
    const { key, value, timestamp, headers } = record;
    if (key === null) return this.#context.count('null-key');
    if (value === null) return this.#context.count('null-value');
    const aggregate = fold(key, value, this.#store.get(key), this.#first, this.#aggregator);
    this.#store.put(key, aggregate);
    if (this.#emit === 'on-commit') this.#pending.set(key, 0, { value: aggregate, timestamp, headers });
    else this.#context.forward({ key, value: aggregate, timestamp, headers });
  }
}

/** The aggregate after one more value, shared with the windowed form. */
export function fold<K, V, A>(
  key: K,
  value: V,
  known: A | undefined,
  first: FirstAggregate<K, V, A>,
  aggregator: Aggregator<K, V, A>,
): A {
  if (known !== undefined) return aggregator(key, value, known);
  const { aggregate, folded } = first(key, value);
  return folded ? aggregate : aggregator(key, value, aggregate);
}
