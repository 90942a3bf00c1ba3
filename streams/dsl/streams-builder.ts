import { TopologyError } from '../errors.ts';
import type { TimestampExtractor } from '../graph/node.ts';
import { TopologyBuilder } from '../graph/topology-builder.ts';
import type { Topology } from '../graph/topology.ts';
import { bytesSerde } from '../records/serdes.ts';
import { BuildContext } from './build-context.ts';
import { KStream } from './kstream.ts';
import type { Named, Serdes } from './serdes-pair.ts';
import { WrittenTopic } from './written-topic.ts';

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

  /**
   * The dead-letter topic, as bytes, so that a sink can be fed from it. A record keeps the key and the value that it came
   * with, both of which may be null; the headers say why it is there.
   * @throws {TopologyError} where no dead-letter topic is declared
   */
  deadLetters(): WrittenTopic<Uint8Array | null, Uint8Array> {
    if (this.#deadLetterTopic === undefined)
      throw new TopologyError('the dead letters are asked for, but no dead-letter topic is declared');
    return new WrittenTopic(this.#context, this.#deadLetterTopic, { key: bytesSerde, value: bytesSerde });
  }

  /** @throws {TopologyError} when the declaration cannot be run. */
  build(): Topology {
    return this.#context.graph.build({ deadLetterTopic: this.#deadLetterTopic });
  }
}

export function logTimestamp(record: { timestamp: number }): number {
  return record.timestamp;
}
