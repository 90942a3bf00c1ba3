import type { Database } from 'lmdb';
import { partitionForKey } from '../../records/partitioner.ts';
import type { LogRecord, OutgoingRecord } from '../../records/record.ts';
import { EmbeddedTopicError } from './errors.ts';
import { PartitionLog } from './partition-log.ts';
import type { TopicRegistry } from './topic-registry.ts';

/**
 * The topics' records: batches in one LMDB database, under topic id, partition and the offset of their first record.
 * Appended records can be read after `flush`, and are durable when the transaction around it is committed.
 */
export class TopicLog {
  readonly #database: Database<Buffer, Buffer>;
  readonly #topics: TopicRegistry;
  readonly #partitions = new Map<string, PartitionLog[]>();

  constructor(database: Database<Buffer, Buffer>, topics: TopicRegistry) {
    this.#database = database;
    this.#topics = topics;
  }

  /** Returns where the record will lie. */
  append(record: OutgoingRecord): { partition: number; offset: number } {
    const partitions = this.#partitionsOf(record.topic);
    const partition =
      record.partition ?? (record.key === null ? 0 : partitionForKey(record.key, partitions.length));
    const log = partitions[partition];
    if (log === undefined) {
      throw new EmbeddedTopicError(
        `topic "${record.topic}" has ${partitions.length} partitions, there is no partition ${partition}`,
      );
    }
    return { partition, offset: log.append(record) };
  }

  /** The rest of the batch that holds `offset`, or the next one after it; nothing at the end of the log. */
  read(topic: string, partition: number, offset: number): Iterable<LogRecord> | undefined {
    return this.#partition(topic, partition).read(topic, partition, offset);
  }

  /** The offset that the next record will get. */
  endOffset(topic: string, partition: number): number {
    return this.#partition(topic, partition).endOffset;
  }

  flush(): void {
    for (const partitions of this.#partitions.values()) for (const partition of partitions) partition.flush();
  }

  /** Forgets what was not committed, after a transaction has failed. */
  reset(): void {
    this.#partitions.clear();
  }

  #partition(topic: string, partition: number): PartitionLog {
    const log = this.#partitionsOf(topic)[partition];
    if (log === undefined) throw new EmbeddedTopicError(`topic "${topic}" has no partition ${partition}`);
    return log;
  }

  #partitionsOf(topic: string): PartitionLog[] {
    let partitions = this.#partitions.get(topic);
    if (partitions === undefined) {
      const { id, partitions: count, cleanupPolicy } = this.#topics.get(topic);
      partitions = Array.from(
        { length: count },
        (_, partition) =>
          new PartitionLog(this.#database, { id, partition, compacted: cleanupPolicy === 'compact' }),
      );
      this.#partitions.set(topic, partitions);
    }
    return partitions;
  }
}
