import { NO_HEADERS, partitionForKey, stringSerde } from '@incident-streams/streams';
import type { PlacedRecord, PlainProducer } from '@incident-streams/streams/kafka';
import type { InboxEntry } from '../../schemas/inbox-entry.ts';
import type { Serdes } from '../../schemas/serdes.ts';
import { TOPICS } from '../../topology/topics.ts';
import { tryKafka } from './keep-trying.ts';
import type { ProcessParts } from './process-parts.ts';

export interface InboxWriterOptions {
  readonly producer: PlainProducer;
  readonly serdes: Serdes;
  /** The inbox's name on the cluster. */
  readonly topic: string;
  readonly partitions: number;
}

export interface KeyedEntry {
  readonly entry: InboxEntry;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Default: that of the key. */
  readonly partition?: number;
}

export interface InboxPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Writes to the inbox in Kafka what others than the topology put there: events and commands of the API, and ticks. */
export class InboxWriter {
  readonly #options: InboxWriterOptions;

  constructor(options: InboxWriterOptions) {
    this.#options = options;
  }

  /** Resolves when the brokers have all of it, with the places in the order of the entries. */
  async append(entries: readonly KeyedEntry[]): Promise<InboxPlace[]> {
    const records = entries.map((entry) => this.#recordOf(entry));
    const written = await this.#options.producer.send(records);
    const next = new Map(written.map(({ partition, endOffset }) => [partition, endOffset]));
    for (const { partition } of records) next.set(partition, (next.get(partition) ?? 0) - 1);
    return records.map(({ topic, partition }) => {
      const offset = next.get(partition) ?? 0;
      next.set(partition, offset + 1);
      return { topic, partition, offset };
    });
  }

  close(): Promise<void> {
    return this.#options.producer.close();
  }

  #recordOf({ entry, key, receivedAt, partition }: KeyedEntry): PlacedRecord {
    const { serdes, topic, partitions } = this.#options;
    const keyBytes = stringSerde.serialize(key);
    return {
      topic,
      partition: partition ?? partitionForKey(keyBytes, partitions),
      timestamp: receivedAt,
      key: keyBytes,
      value: serdes.inboxEntry.serialize(entry),
      headers: NO_HEADERS,
    };
  }
}

/** Waits for Kafka as long as it takes. */
export async function openInbox(parts: ProcessParts): Promise<InboxWriter> {
  const { cluster, serdes, config, partitions } = parts;
  return new InboxWriter({
    producer: await tryKafka('starting a producer', parts, 'kafka', () => cluster.producer()),
    serdes,
    topic: config.topics.prefix + TOPICS.inbox,
    partitions: partitions[TOPICS.inbox] ?? 1,
  });
}
