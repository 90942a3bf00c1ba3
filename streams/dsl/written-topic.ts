import type { BuildContext } from './build-context.ts';
import type { Serdes } from './serdes-pair.ts';

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
  toSink(connector: string): this {
    this.#context.graph.addSink({
      connector,
      topic: this.name,
      key: this.#serdes.key,
      value: this.#serdes.value,
    });
    return this;
  }
}
