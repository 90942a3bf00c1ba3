import { compressionsAlgorithmsByBitmask } from '@platformatic/kafka';
import { int64At } from './byte-cursor.ts';
import { checksum } from './checksum.ts';
import { KafkaRecordsError } from './kafka-errors.ts';

/**
 * The head of a batch in the log's format since Kafka 0.11 ("magic" 2), read in place.
 * https://kafka.apache.org/documentation/#recordbatch
 */
export class RecordBatch {
  readonly #bytes: Buffer;
  readonly #start: number;
  /** Where the next batch begins. */
  readonly end: number;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.end = start + LENGTH_END + bytes.readInt32BE(start + LENGTH);
  }

  /** Whether all of it is there. A broker may cut the last batch of an answer short. */
  static isWhole(bytes: Buffer, start: number): boolean {
    return start + HEAD_BYTES <= bytes.length && new RecordBatch(bytes, start).end <= bytes.length;
  }

  get baseOffset(): number {
    return int64At(this.#bytes, this.#start);
  }

  /** Compaction removes records, never this: it may be that of no record in the batch. */
  get lastOffset(): number {
    return this.baseOffset + this.#bytes.readInt32BE(this.#start + LAST_OFFSET_DELTA);
  }

  get baseTimestamp(): number {
    return int64At(this.#bytes, this.#start + BASE_TIMESTAMP);
  }

  get maxTimestamp(): number {
    return int64At(this.#bytes, this.#start + MAX_TIMESTAMP);
  }

  /** -1: the producer was not idempotent. */
  get producerId(): number {
    return int64At(this.#bytes, this.#start + PRODUCER_ID);
  }

  get recordCount(): number {
    return this.#bytes.readInt32BE(this.#start + RECORD_COUNT);
  }

  get isTransactional(): boolean {
    return (this.#attributes & 0x10) !== 0;
  }

  /** Holds the mark that ends a transaction, nothing of an application. */
  get isControl(): boolean {
    return (this.#attributes & 0x20) !== 0;
  }

  /** The time is the broker's, `maxTimestamp` for every record. */
  get hasLogAppendTime(): boolean {
    return (this.#attributes & 0x08) !== 0;
  }

  /** @throws {KafkaRecordsError} when the bytes are not those that were written, or in a format from before 0.11 */
  check(): void {
    const magic = this.#bytes[this.#start + MAGIC];
    if (magic !== 2) throw new KafkaRecordsError(`${this.#name}: format ${magic}, where only 2 can be read`);
    const expected = this.#bytes.readUInt32BE(this.#start + CRC);
    if (checksum(this.#bytes.subarray(this.#start + ATTRIBUTES, this.end)) === expected) return;
    throw new KafkaRecordsError(`${this.#name}: its bytes do not have its checksum`);
  }

  /** The records' bytes, decompressed. */
  records(): Buffer {
    const bytes = this.#bytes.subarray(this.#start + HEAD_BYTES, this.end);
    const bitmask = this.#attributes & 0x07;
    if (bitmask === 0) return bytes;
    const compression = compressionsAlgorithmsByBitmask[bitmask];
    if (!compression) throw new KafkaRecordsError(`${this.#name}: compression ${bitmask} is not known`);
    try {
      return compression.decompressSync(bytes);
    } catch (error) {
      throw new KafkaRecordsError(`${this.#name}: cannot be decompressed`, { cause: error });
    }
  }

  get #attributes(): number {
    return this.#bytes.readInt16BE(this.#start + ATTRIBUTES);
  }

  get #name(): string {
    return `the batch at offset ${this.baseOffset}`;
  }
}

// Where its fields are.
const LENGTH = 8;
const LENGTH_END = 12;
const MAGIC = 16;
const CRC = 17;
const ATTRIBUTES = 21;
const LAST_OFFSET_DELTA = 23;
const BASE_TIMESTAMP = 27;
const MAX_TIMESTAMP = 35;
const PRODUCER_ID = 43;
const RECORD_COUNT = 57;
const HEAD_BYTES = 61;
