import type { TimestampExtractor } from '../graph/node.ts';
import { TopologyBuilder } from '../graph/topology-builder.ts';
import type { Topology } from '../graph/topology.ts';
import { BuildContext } from './build-context.ts';
import { KStream } from './kstream.ts';
import type { Named, Serdes } from './serdes-pair.ts';

export interface Consumed<K, V> extends Serdes<K, V>, Named {
  /** Event time of each record. Default: the timestamp that the record has in its log. */
  readonly timestamp?: TimestampExtractor<K, V>;
}

export interface StreamsBuilderOptions {
  /**
   * The topic for records that cannot be processed, with the reason in their headers (names as in KIP-1034).
   * Without it such a record stops the runtime: nothing is dropped silently.
   */
  readonly deadLetterTopic?: string;
}

/** Where the declaration of a topology begins. Nothing runs until a runtime is given what `build` returns. */
export class StreamsBuilder {
  readonly #context = new BuildContext(
    new TopologyBuilder(),
    (context, node, options) => new KStream(context, node, options),
  );
  readonly #deadLetterTopic: string | undefined;

  constructor(options: StreamsBuilderOptions = {}) {
    this.#deadLetterTopic = options.deadLetterTopic;
  }

  /** The records of a topic. */
  stream<K, V>(topic: string, consumed: Consumed<K, V>): KStream<K, V> {
    const name = this.#context.name('source', consumed.name);
    this.#context.graph.add({
      kind: 'source',
      name,
      topic,
      key: consumed.key,
      value: consumed.value,
      timestamp: (consumed.timestamp ?? logTimestamp) as TimestampExtractor<unknown, unknown>,
    });
    return this.#context.stream(name, { keyChanged: false });
  }

  /** @throws {TopologyError} when the declaration cannot be run. */
  build(): Topology {
    return this.#context.graph.build({ deadLetterTopic: this.#deadLetterTopic });
  }
}

export function logTimestamp(record: { timestamp: number }): number {
  return record.timestamp;
}
