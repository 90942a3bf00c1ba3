import { AggregateProcessor } from '../processors/aggregate.ts';
import type { Aggregator, FirstAggregate, Initializer } from '../processors/aggregate.ts';
import type { EmitStrategy, TumblingWindows, UpdateStrategy } from '../processors/windowed.ts';
import type { Serde } from '../records/serde.ts';
import { doubleSerde } from '../records/serdes.ts';
import { keyValueStore } from '../state/key-value-store.ts';
import type { BuildContext } from './build-context.ts';
import { KTable } from './ktable.ts';
import { repartitionThrough } from './repartition.ts';
import type { Named, Serdes } from './serdes-pair.ts';
import { TimeWindowedKStream } from './time-windowed-kstream.ts';
import { tumblingWindows } from './windows.ts';

export interface Materialized<A> extends Named {
  /** How the aggregate is kept in its store. */
  readonly aggregate: Serde<A>;
}

export interface Emitted {
  /** Which changes of a table without windows are passed on. Default `on-update`. */
  readonly emit?: UpdateStrategy;
}

/** A stream whose records of one key lie in one partition: what an aggregation starts from. */
export class KGroupedStream<K, V> {
  readonly #context: BuildContext;
  readonly #node: string;
  readonly #serdes: Serdes<K, V>;

  constructor(
    context: BuildContext,
    node: string,
    options: { serdes: Serdes<K, V>; repartition: boolean; name: string | undefined },
  ) {
    this.#context = context;
    this.#serdes = options.serdes;
    this.#node = options.repartition
      ? repartitionThrough(context, node, { ...options.serdes, name: context.name('group', options.name) })
      : node;
  }

  aggregate<A>(
    initial: Initializer<K, V, A>,
    aggregator: Aggregator<K, V, A>,
    materialized: Materialized<A> & Emitted,
  ): KTable<K, A> {
    return this.#fold(
      'aggregate',
      (key, value) => ({ aggregate: initial(key, value), folded: false }),
      aggregator,
      materialized,
    );
  }

  reduce(reducer: (aggregate: V, value: V) => V, named: Named & Emitted = {}): KTable<K, V> {
    const materialized = { ...named, aggregate: this.#serdes.value };
    return this.#fold(
      'reduce',
      (_key, value) => ({ aggregate: value, folded: true }),
      (_key, value, sum) => reducer(sum, value),
      materialized,
    );
  }

  count(named: Named & Emitted = {}): KTable<K, number> {
    const materialized = { ...named, aggregate: doubleSerde };
    return this.#fold(
      'count',
      () => ({ aggregate: 0, folded: false }),
      (_key, _value, count) => count + 1,
      materialized,
    );
  }

  /** @throws {TopologyError} when the windows are none. */
  windowedBy(windows: TumblingWindows, options: { emit?: EmitStrategy } = {}): TimeWindowedKStream<K, V> {
    return new TimeWindowedKStream(this.#context, this.#node, {
      serdes: this.#serdes,
      windows: tumblingWindows(windows),
      emit: options.emit ?? 'on-update',
    });
  }

  #fold<A>(
    operator: string,
    first: FirstAggregate<K, V, A>,
    aggregator: Aggregator<K, V, A>,
    materialized: Materialized<A> & Emitted,
  ): KTable<K, A> {
    const name = this.#context.name(operator, materialized.name);
    const store = keyValueStore({ name, key: this.#serdes.key, value: materialized.aggregate });
    const options = { store, first, aggregator, emit: materialized.emit ?? 'on-update' };
    const supplier = () => new AggregateProcessor<K, V, A>(options);
    this.#context.graph.add({
      kind: 'processor',
      name,
      parents: [this.#node],
      supplier: supplier,
      stores: [store],
    });
    return new KTable(this.#context, name, store);
  }
}
