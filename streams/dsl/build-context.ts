import type { TopologyBuilder } from '../graph/topology-builder.ts';
import type { KStream } from './kstream.ts';

/** Makes the stream that begins at a node. It is handed in, so that a table can lead back to a stream without an import cycle. */
export type StreamFactory = <K, V>(
  context: BuildContext,
  node: string,
  options: { keyChanged: boolean },
) => KStream<K, V>;

/** What the parts of the DSL share while a topology is being declared. */
export class BuildContext {
  readonly graph: TopologyBuilder;
  readonly #streamFactory: StreamFactory;
  #counter = 0;

  constructor(graph: TopologyBuilder, streamFactory: StreamFactory) {
    this.graph = graph;
    this.#streamFactory = streamFactory;
  }

  stream<K, V>(node: string, options: { keyChanged: boolean }): KStream<K, V> {
    return this.#streamFactory<K, V>(this, node, options);
  }

  /** The given name, or one made from the operator and a running number, as `KSTREAM-FILTER-0000000003` in Kafka Streams. */
  name(operator: string, given: string | undefined): string {
    const number = this.#counter++;
    return given ?? `${operator}-${String(number).padStart(4, '0')}`;
  }
}
