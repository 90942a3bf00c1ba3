import type { Database } from 'lmdb';
import { partitionForKey } from '../../records/partitioner.ts';
import type { LogRecord, OutgoingRecord } from '../../records/record.ts';
import { readTime, writeTime } from '../../state/bytes.ts';
import { EmbeddedTopicError } from './errors.ts';
import { RecordBatchWriter, lastOffsetDelta, readBatch } from './record-batch.ts';
import type { TopicRegistry } from './topic-registry.ts';

/** A batch is written when it has grown to this size, or when its transaction ends. */
const MAX_BATCH_BYTES = 512 * 1024;

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
      const { id, partitions: count } = this.#topics.get(topic);
      partitions = Array.from(
        { length: count },
        (_, partition) => new PartitionLog(this.#database, id, partition),
      );
      this.#partitions.set(topic, partitions);
    }
    return partitions;
  }
}

/** One partition's batches. */
class PartitionLog {
  readonly #database: Database<Buffer, Buffer>;
  /** Sorts before every batch of the partition. */
  readonly #prefix = Buffer.alloc(4);
  readonly #writer = new RecordBatchWriter();
  #baseOffset: number;
  #endOffset: number;

  constructor(database: Database<Buffer, Buffer>, topicId: number, partition: number) {
    this.#database = database;
    this.#prefix.writeUInt16BE(topicId, 0);
    this.#prefix.writeUInt16BE(partition, 2);
    this.#endOffset = this.#findEnd();
    this.#baseOffset = this.#endOffset;
  }

  get endOffset(): number {
    return this.#endOffset;
  }

  append(record: OutgoingRecord): number {
    const offset = this.#endOffset++;
    this.#writer.add(record, offset - this.#baseOffset);
    if (this.#writer.byteLength >= MAX_BATCH_BYTES) this.flush();
    return offset;
  }

  flush(): void {
    if (this.#writer.count === 0) return;
    this.#database.putSync(this.#keyOf(this.#baseOffset), this.#writer.finish());
    this.#baseOffset = this.#endOffset;
  }

  read(topic: string, partition: number, offset: number): Iterable<LogRecord> | undefined {
    if (offset >= this.#baseOffset) return undefined;
    const place = (baseOffset: number) => ({ topic, partition, baseOffset });
    const exact = this.#database.getBinary(this.#keyOf(offset));
    if (exact !== undefined) return readBatch(exact, place(offset), offset);
    const [before] = this.#database.getRange({
      start: this.#keyOf(offset),
      end: this.#prefix,
      reverse: true,
      limit: 1,
    });
    if (before !== undefined && baseOf(before.key) + lastOffsetDelta(before.value) >= offset) {
      return readBatch(before.value, place(baseOf(before.key)), offset);
    }
    const [after] = this.#database.getRange({
      start: this.#keyOf(offset),
      end: this.#keyOf(this.#baseOffset),
      limit: 1,
    });
    return after === undefined ? undefined : readBatch(after.value, place(baseOf(after.key)), offset);
  }

  #findEnd(): number {
    const start = this.#keyOf(Number.MAX_SAFE_INTEGER);
    const [last] = this.#database.getRange({ start, end: this.#prefix, reverse: true, limit: 1 });
    return last === undefined ? 0 : baseOf(last.key) + lastOffsetDelta(last.value) + 1;
  }

  #keyOf(offset: number): Buffer {
    const key = Buffer.allocUnsafe(12);
    this.#prefix.copy(key);
    writeTime(key, 4, offset);
    return key;
  }
}

function baseOf(key: Buffer): number {
  return readTime(key, 4);
}
