import type { Aggregator, FirstAggregate, Initializer } from '../processors/aggregate.ts';
import { WindowedAggregateProcessor } from '../processors/windowed-aggregate.ts';
import type { EmitStrategy, TumblingWindows, Windowed } from '../processors/windowed.ts';
import { doubleSerde } from '../records/serdes.ts';
import { windowStore } from '../state/window-store.ts';
import type { WindowStore } from '../state/window-store.ts';
import type { BuildContext } from './build-context.ts';
import type { Materialized } from './kgrouped-stream.ts';
import { KTable } from './ktable.ts';
import type { Named, Serdes } from './serdes-pair.ts';

/** A grouped stream cut into windows. */
export class TimeWindowedKStream<K, V> {
  readonly #context: BuildContext;
  readonly #node: string;
  readonly #serdes: Serdes<K, V>;
  readonly #windows: TumblingWindows;
  readonly #emit: EmitStrategy;

  constructor(
    context: BuildContext,
    node: string,
    options: { serdes: Serdes<K, V>; windows: TumblingWindows; emit: EmitStrategy },
  ) {
    this.#context = context;
    this.#node = node;
    this.#serdes = options.serdes;
    this.#windows = options.windows;
    this.#emit = options.emit;
  }

  aggregate<A>(
    initial: Initializer<K, V, A>,
    aggregator: Aggregator<K, V, A>,
    materialized: Materialized<A>,
  ): KTable<Windowed<K>, A, WindowStore<K, A>> {
    return this.#fold(
      'windowed-aggregate',
      (key, value) => ({ aggregate: initial(key, value), folded: false }),
      aggregator,
      materialized,
    );
  }

  reduce(
    reducer: (aggregate: V, value: V) => V,
    named: Named = {},
  ): KTable<Windowed<K>, V, WindowStore<K, V>> {
    const materialized = { ...named, aggregate: this.#serdes.value };
    const first: FirstAggregate<K, V, V> = (_key, value) => ({ aggregate: value, folded: true });
    return this.#fold('windowed-reduce', first, (_key, value, sum) => reducer(sum, value), materialized);
  }

  count(named: Named = {}): KTable<Windowed<K>, number, WindowStore<K, number>> {
    const materialized = { ...named, aggregate: doubleSerde };
    const first: FirstAggregate<K, V, number> = () => ({ aggregate: 0, folded: false });
    return this.#fold('windowed-count', first, (_key, _value, count) => count + 1, materialized);
  }

  #fold<A>(
    operator: string,
    first: FirstAggregate<K, V, A>,
    aggregator: Aggregator<K, V, A>,
    materialized: Materialized<A>,
  ): KTable<Windowed<K>, A, WindowStore<K, A>> {
    const name = this.#context.name(operator, materialized.name);
    const store = windowStore({ name, key: this.#serdes.key, value: materialized.aggregate });
    const options = { store, windows: this.#windows, emit: this.#emit, first, aggregator };
    const supplier = () => new WindowedAggregateProcessor<K, V, A>(options);
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
