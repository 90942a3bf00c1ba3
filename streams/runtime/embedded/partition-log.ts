import type { Database } from 'lmdb';
import type { LogRecord, OutgoingRecord } from '../../records/record.ts';
import { readTime, writeTime } from '../../state/bytes.ts';
import { batchesOf, newestOfEachKey } from './compaction.ts';
import { RecordBatchWriter, lastOffsetDelta, readBatch } from './record-batch.ts';

/** A batch is written when it has grown to this size, or when its transaction ends. */
const MAX_BATCH_BYTES = 512 * 1024;
/** A compacted partition is compacted again when it has grown by so many records, or by as many as then stayed. */
const MIN_COMPACTION_RECORDS = 5_000;

export interface PartitionLogOptions {
  /** The topic's number. */
  readonly id: number;
  readonly partition: number;
  /** Whether of each key only the newest record has to stay. */
  readonly compacted: boolean;
}

/** One partition's batches, each under the offset of its first record. */
export class PartitionLog {
  readonly #database: Database<Buffer, Buffer>;
  /** Sorts before every batch of the partition. */
  readonly #prefix = Buffer.alloc(4);
  readonly #writer = new RecordBatchWriter();
  #baseOffset: number;
  #endOffset: number;
  readonly #compacted: boolean;
  /** The end offset at which it pays to compact. */
  #compactAt: number;

  constructor(database: Database<Buffer, Buffer>, options: PartitionLogOptions) {
    this.#database = database;
    this.#compacted = options.compacted;
    this.#prefix.writeUInt16BE(options.id, 0);
    this.#prefix.writeUInt16BE(options.partition, 2);
    this.#endOffset = this.#findEnd();
    this.#baseOffset = this.#endOffset;
    this.#compactAt = this.#endOffset + MIN_COMPACTION_RECORDS;
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
    if (this.#compacted && this.#endOffset >= this.#compactAt) this.#compact();
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

  /** The last batch stays as it is: it tells where the log ends. */
  #compact(): void {
    const batches = [
      ...this.#database.getRange({ start: this.#keyOf(0), end: this.#keyOf(this.#baseOffset) }),
    ];
    batches.pop();
    const place = { topic: '', partition: 0 };
    const records = batches.flatMap(({ key, value }) => [
      ...readBatch(value, { ...place, baseOffset: baseOf(key) }, 0),
    ]);
    const kept = newestOfEachKey(records);
    for (const { key } of batches) this.#database.removeSync(key);
    for (const { baseOffset, bytes } of batchesOf(kept, MAX_BATCH_BYTES))
      this.#database.putSync(this.#keyOf(baseOffset), bytes);
    this.#compactAt = this.#endOffset + Math.max(MIN_COMPACTION_RECORDS, kept.length);
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
