import { NO_HEADERS, partitionForKey, stringSerde } from '@incident-streams/streams';
import type { PlacedRecord, PlainProducer } from '@incident-streams/streams/kafka';
import type { InboxEntry } from '../../schemas/inbox-entry.ts';
import type { Serdes } from '../../schemas/serdes.ts';
import { TOPICS } from '../../topology/topics.ts';
import { InboxRoom } from './inbox-room.ts';
import { tryKafka } from './keep-trying.ts';
import type { ProcessParts } from './process-parts.ts';

export interface InboxWriterOptions {
  readonly producer: PlainProducer;
  readonly serdes: Serdes;
  /** The inbox's name on the cluster. */
  readonly topic: string;
  readonly partitions: number;
  /** Bounds what is offered. */
  readonly room: InboxRoom;
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
    return this.#write(entries.map((entry) => this.#recordOf(entry)));
  }

  /**
   * As `append`, but takes nothing rather than more than there is room for. What comes from outside is offered: the
   * brokers may be slow or away for minutes while it keeps coming.
   * @throws {IngestOverloadedError} when nothing was taken.
   */
  async offer(entries: readonly KeyedEntry[]): Promise<InboxPlace[]> {
    const { room } = this.#options;
    const records = entries.map((entry) => this.#recordOf(entry));
    const load = { events: records.length, bytes: records.reduce((sum, record) => sum + sizeOf(record), 0) };
    return room.hold(load, () => this.#write(records));
  }

  /** @throws {IngestOverloadedError} while nothing that is offered would be taken. */
  requireRoom(): void {
    this.#options.room.require();
  }

  async #write(records: readonly PlacedRecord[]): Promise<InboxPlace[]> {
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

function sizeOf({ key, value }: PlacedRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}

/** Waits for Kafka as long as it takes. */
export async function openInbox(parts: ProcessParts): Promise<InboxWriter> {
  const { cluster, serdes, config, partitions } = parts;
  return new InboxWriter({
    producer: await tryKafka('starting a producer', parts, 'kafka', () => cluster.producer()),
    serdes,
    topic: config.topics.prefix + TOPICS.inbox,
    partitions: partitions[TOPICS.inbox] ?? 1,
    room: new InboxRoom(config.ingest),
  });
}
