import { NO_HEADERS } from '@incident-streams/streams';
import type { Header, Headers, LogRecord } from '@incident-streams/streams';
import type { TopicPartition } from '@incident-streams/streams/kafka';
import { ByteCursor } from './byte-cursor.ts';
import { KafkaRecordsError } from './kafka-errors.ts';
import { RecordBatch } from './record-batch.ts';

/** What a broker has sent of one partition. */
export interface FetchedBatches extends TopicPartition {
  readonly bytes: Buffer;
  /** The offset that was asked for; a batch may begin before it. */
  readonly fromOffset: number;
  /** Those that have a record in the bytes, or an end. */
  readonly abortedTransactions: readonly AbortedTransaction[];
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface DecodedRecords {
  readonly records: readonly LogRecord[];
  readonly nextOffset: number;
}

/** The offset after the last whole batch; `fromOffset` when there is none. */
export function nextOffsetOf(bytes: Buffer, fromOffset: number): number {
  let nextOffset = fromOffset;
  for (let at = 0; RecordBatch.isWhole(bytes, at);) {
    const batch = new RecordBatch(bytes, at);
    nextOffset = Math.max(nextOffset, batch.lastOffset + 1);
    at = batch.end;
  }
  return nextOffset;
}

/**
 * The records of committed transactions and of no transaction, from the offset asked for on. Keys, values and headers
 * are views of the bytes they came in: who keeps one keeps the whole answer of the broker in memory.
 *
 * @throws {KafkaRecordsError} when the bytes are damaged
 */
export function decodeBatches(fetched: FetchedBatches): DecodedRecords {
  const { bytes, fromOffset } = fetched;
  const aborted = new AbortedProducers(fetched.abortedTransactions);
  const records: LogRecord[] = [];
  let nextOffset = fromOffset;
  for (let at = 0; RecordBatch.isWhole(bytes, at);) {
    const batch = new RecordBatch(bytes, at);
    batch.check();
    if (!aborted.hides(batch) && !batch.isControl) appendRecords(batch, fetched, records);
    nextOffset = Math.max(nextOffset, batch.lastOffset + 1);
    at = batch.end;
  }
  return { records, nextOffset };
}

/**
 * Whose records belong to a transaction that was aborted, at the batch last looked at: from the transaction's first
 * offset on, until the mark that ends it.
 */
class AbortedProducers {
  /** The next one to begin last. */
  readonly #coming: AbortedTransaction[];
  readonly #begun = new Set<number>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#coming = [...transactions].sort((a, b) => b.firstOffset - a.firstOffset);
  }

  /** To be asked of every batch, in order. */
  hides(batch: RecordBatch): boolean {
    if (this.#coming.length === 0 && this.#begun.size === 0) return false;
    for (
      let next = this.#coming.at(-1);
      next && next.firstOffset <= batch.lastOffset;
      next = this.#coming.at(-1)
    ) {
      this.#begun.add(next.producerId);
      this.#coming.pop();
    }
    if (!batch.isTransactional || !this.#begun.has(batch.producerId)) return false;
    if (isAbortMark(batch)) this.#begun.delete(batch.producerId);
    return true;
  }
}

/** A control record's key is a version and a type, two bytes each; 0 is "aborted", 1 "committed". */
function isAbortMark(batch: RecordBatch): boolean {
  if (!batch.isControl || batch.recordCount === 0) return false;
  const cursor = new ByteCursor(batch.records());
  readHead(cursor);
  cursor.varint();
  cursor.skip(2);
  return cursor.int16() === 0;
}

/** Passes the length, the attributes, the time and the offset of a record. */
function readHead(cursor: ByteCursor): void {
  cursor.varint();
  cursor.skip(1);
  cursor.varint();
  cursor.varint();
}

function appendRecords(
  batch: RecordBatch,
  { topic, partition, fromOffset }: FetchedBatches,
  into: LogRecord[],
): void {
  const cursor = new ByteCursor(batch.records());
  const { baseOffset, baseTimestamp, maxTimestamp, hasLogAppendTime, recordCount } = batch;
  for (let left = recordCount; left > 0; left -= 1) {
    const length = cursor.varint();
    const end = cursor.at + length;
    cursor.skip(1);
    const sinceBase = cursor.varint();
    const offset = baseOffset + cursor.varint();
    if (offset >= fromOffset) {
      const timestamp = hasLogAppendTime ? maxTimestamp : baseTimestamp + sinceBase;
      const key = readBytes(cursor);
      const value = readBytes(cursor);
      const headers = readHeaders(cursor);
      if (cursor.at !== end || !cursor.within) throw damaged(offset);
      into.push({ topic, partition, offset, timestamp, key, value, headers });
    } else if (!(length > 0 && end <= cursor.bytes.length)) {
      throw damaged(offset);
    }
    cursor.at = end;
  }
}

function damaged(offset: number): KafkaRecordsError {
  return new KafkaRecordsError(`the record at offset ${offset}: its parts are not as long as it says`);
}

function readBytes(cursor: ByteCursor): Buffer | null {
  const length = cursor.varint();
  return length < 0 ? null : cursor.take(length);
}

/** A header without a value, which Kafka distinguishes from an empty one, becomes an empty one. */
function readHeaders(cursor: ByteCursor): Headers {
  const count = cursor.varint();
  if (count === 0) return NO_HEADERS;
  const headers: Header[] = [];
  for (let left = count; left > 0 && cursor.within; left -= 1) {
    const name = cursor.take(cursor.varint()).toString();
    headers.push({ name, value: readBytes(cursor) ?? EMPTY });
  }
  return headers;
}

const EMPTY = new Uint8Array(0);
