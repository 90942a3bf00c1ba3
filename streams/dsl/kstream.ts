import { BranchProcessor } from '../processors/branch.ts';
import { DedupeProcessor } from '../processors/dedupe.ts';
import { FilterProcessor } from '../processors/filter.ts';
import { FlatMapProcessor, MapProcessor } from '../processors/map.ts';
import { PassThroughProcessor } from '../processors/pass-through.ts';
import type { ProcessorSupplier } from '../processors/processor.ts';
import type { StreamRecord } from '../records/record.ts';
import { dedupeStore } from '../state/dedupe-store.ts';
import type { StateStore, StoreBuilder, StoreRecovery } from '../state/store.ts';
import type { BuildContext } from './build-context.ts';
import { KGroupedStream } from './kgrouped-stream.ts';
import { repartitionThrough } from './repartition.ts';
import type { Named, Serdes } from './serdes-pair.ts';
import { WrittenTopic } from './written-topic.ts';

/** A store of any content, as `process` takes them. */
export type AnyStoreBuilder = StoreBuilder<StateStore>;

export interface DedupeOptions<K, V> extends Named {
  /** What names a record: two with the same id are one. */
  readonly id: (key: K, value: V) => string;
  /** How far apart in event time two sightings of an id may lie to be the same record. */
  readonly withinMs: number;
  /** How the ids are got back where they are lost. Default `changelog`. */
  readonly recovery?: StoreRecovery;
}

export interface ProcessOptions extends Named {
  readonly stores?: readonly AnyStoreBuilder[];
}

/** A case of `split`: its name, and which records it takes. */
export interface Branch<K, V> {
  readonly name: string;
  readonly when: (key: K, value: V) => boolean;
}

/** A stream of records, each a fact of its own. Every operator returns a new stream and leaves this one as it is. */
export class KStream<K, V> {
  readonly #context: BuildContext;
  readonly #node: string;
  readonly #keyChanged: boolean;

  constructor(context: BuildContext, node: string, options: { keyChanged: boolean }) {
    this.#context = context;
    this.#node = node;
    this.#keyChanged = options.keyChanged;
  }

  filter(accepts: (key: K, value: V) => boolean, named: Named = {}): KStream<K, V> {
    return this.#then('filter', named, this.#keyChanged, () => new FilterProcessor(accepts));
  }

  filterNot(refuses: (key: K, value: V) => boolean, named: Named = {}): KStream<K, V> {
    return this.filter((key, value) => !refuses(key, value), named);
  }

  /** New key and value. A later grouping repartitions. */
  map<K2, V2>(mapper: (key: K, value: V) => readonly [K2, V2], named: Named = {}): KStream<K2, V2> {
    const mapRecord = (record: StreamRecord<K, V>): StreamRecord<K2, V2> => {
      const [key, value] = mapper(record.key, record.value);
      return { key, value, timestamp: record.timestamp, headers: record.headers };
    };
    return this.#then('map', named, true, () => new MapProcessor(mapRecord));
  }

  /** New value, same key: no repartitioning follows from it. */
  mapValues<V2>(mapper: (value: V, key: K) => V2, named: Named = {}): KStream<K, V2> {
    const mapRecord = ({ key, value, timestamp, headers }: StreamRecord<K, V>): StreamRecord<K, V2> => {
      return { key, value: mapper(value, key), timestamp, headers };
    };
    return this.#then('map-values', named, this.#keyChanged, () => new MapProcessor(mapRecord));
  }

  flatMap<K2, V2>(
    mapper: (key: K, value: V) => Iterable<readonly [K2, V2]>,
    named: Named = {},
  ): KStream<K2, V2> {
    return this.#then('flat-map', named, true, () => new FlatMapProcessor(mapper));
  }

  /** New key, same value. A later grouping repartitions. */
  selectKey<K2>(selector: (key: K, value: V) => K2, named: Named = {}): KStream<K2, V> {
    const mapRecord = ({ key, value, timestamp, headers }: StreamRecord<K, V>): StreamRecord<K2, V> => {
      return { key: selector(key, value), value, timestamp, headers };
    };
    return this.#then('select-key', named, true, () => new MapProcessor(mapRecord));
  }

  /** Looks at each record. What it does outside the topology happens again when records are processed again. */
  peek(look: (key: K, value: V) => void, named: Named = {}): KStream<K, V> {
    return this.#then('peek', named, this.#keyChanged, () => new PassThroughProcessor(look));
  }

  /** The records of both streams. Between them no order is promised. */
  merge(other: KStream<K, V>, named: Named = {}): KStream<K, V> {
    const name = this.#context.name('merge', named.name);
    this.#context.graph.add({
      kind: 'processor',
      name,
      parents: [this.#node, other.#node],
      supplier: () => new PassThroughProcessor(),
      stores: [],
    });
    return new KStream(this.#context, name, { keyChanged: this.#keyChanged || other.#keyChanged });
  }

  /** One stream for each branch. A record goes to the first that takes it; what none takes is counted, not lost to sight. */
  split<const Names extends string>(
    branches: readonly (Branch<K, V> & { readonly name: Names })[],
    named: Named = {},
  ): Record<Names, KStream<K, V>> {
    const name = this.#context.name('split', named.name);
    const childOf = (branch: Branch<K, V>): string => `${name}-${branch.name}`;
    const cases = branches.map((branch) => ({ child: childOf(branch), accepts: branch.when }));
    this.#addProcessor(name, [this.#node], () => new BranchProcessor(cases), []);
    const streams = branches.map((branch) => {
      this.#addProcessor(childOf(branch), [name], () => new PassThroughProcessor(), []);
      return [
        branch.name,
        new KStream<K, V>(this.#context, childOf(branch), { keyChanged: this.#keyChanged }),
      ];
    });
    return Object.fromEntries(streams) as Record<Names, KStream<K, V>>;
  }

  /** Sends each record to the partition of its key, through a topic of the topology's own. */
  repartition(options: Serdes<K, V> & { readonly name: string }): KStream<K, V> {
    const source = repartitionThrough(this.#context, this.#node, options);
    return new KStream(this.#context, source, { keyChanged: false });
  }

  /** The first sighting of each id. Repartition first if copies may arrive in different partitions. */
  dedupe(options: DedupeOptions<K, V>): KStream<K, V> {
    const name = this.#context.name('dedupe', options.name);
    const store = dedupeStore({
      name: `${name}-seen`,
      withinMs: options.withinMs,
      recovery: options.recovery ?? 'changelog',
    });
    this.#addProcessor(name, [this.#node], () => new DedupeProcessor(store, options.id), [store]);
    return new KStream(this.#context, name, { keyChanged: this.#keyChanged });
  }

  /** Groups by the key as it is; repartitions where the key was changed before. */
  groupByKey(serdes: Serdes<K, V> & Named): KGroupedStream<K, V> {
    return new KGroupedStream(this.#context, this.#node, {
      serdes,
      repartition: this.#keyChanged,
      name: serdes.name,
    });
  }

  /** Groups by a new key, through a repartition topic. */
  groupBy<K2>(selector: (key: K, value: V) => K2, serdes: Serdes<K2, V> & Named): KGroupedStream<K2, V> {
    return this.selectKey(selector).groupByKey(serdes);
  }

  /** Any processor. Its output may have other keys, so a later grouping repartitions. */
  process<K2, V2>(supplier: ProcessorSupplier<K, V, K2, V2>, options: ProcessOptions = {}): KStream<K2, V2> {
    return this.#then('process', options, true, supplier, options.stores);
  }

  /** Any processor that keeps the key of what it forwards: the promise spares a repartitioning. */
  processValues<V2>(supplier: ProcessorSupplier<K, V, K, V2>, options: ProcessOptions = {}): KStream<K, V2> {
    return this.#then('process-values', options, this.#keyChanged, supplier, options.stores);
  }

  /** Writes the stream to a topic; each record goes to the partition of its key. */
  to(topic: string, serdes: Serdes<K, V> & Named): WrittenTopic<K, V> {
    const name = this.#context.name('output', serdes.name);
    this.#context.graph.add({
      kind: 'output',
      name,
      parents: [this.#node],
      topic,
      key: serdes.key,
      value: serdes.value,
    });
    return new WrittenTopic(this.#context, topic, serdes);
  }

  #then<K2, V2>(
    operator: string,
    named: Named,
    keyChanged: boolean,
    supplier: ProcessorSupplier<K, V, K2, V2>,
    stores: readonly AnyStoreBuilder[] = [],
  ): KStream<K2, V2> {
    const name = this.#context.name(operator, named.name);
    this.#addProcessor(name, [this.#node], supplier, stores);
    return new KStream<K2, V2>(this.#context, name, { keyChanged });
  }

  #addProcessor<K2, V2>(
    name: string,
    parents: readonly string[],
    supplier: ProcessorSupplier<K, V, K2, V2>,
    stores: readonly AnyStoreBuilder[],
  ): void {
    this.#context.graph.add({
      kind: 'processor',
      name,
      parents,
      supplier: supplier,
      stores,
    });
  }
}
