import type { TopicBinding } from '../graph/topology.ts';
import type { BuildContext } from './build-context.ts';
import type { Serdes } from './serdes-pair.ts';

export interface SinkOptions<K, S> {
  /**
   * A compacted table that follows from this topic, key by key and partition by partition, with as many partitions. An
   * outside system that has lost its data is given the table where the beginning of this topic is no longer there.
   */
  readonly snapshot?: WrittenTopic<K, S>;
}

/** A topic that the topology writes. */
export class WrittenTopic<K, V> {
  readonly name: string;
  readonly #context: BuildContext;
  readonly #serdes: Serdes<K, V>;

  constructor(context: BuildContext, name: string, serdes: Serdes<K, V>) {
    this.#context = context;
    this.name = name;
    this.#serdes = serdes;
  }

  /**
   * Declares that an outside system is fed from this topic. The runtime binds the name to a connector, which reads
   * at a pace of its own: while it is slow or away the topology goes on, and nothing is lost.
   */
  toSink<S>(connector: string, { snapshot }: SinkOptions<K, S> = {}): this {
    this.#context.graph.addSink({
      connector,
      ...this.#binding(),
      ...(snapshot === undefined ? {} : { snapshot: snapshot.#binding() }),
    });
    return this;
  }

  #binding(): TopicBinding {
    return { topic: this.name, key: this.#serdes.key, value: this.#serdes.value };
  }
}
