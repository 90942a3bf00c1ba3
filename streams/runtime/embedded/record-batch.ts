import { SerializationError } from '../../errors.ts';
import { NO_HEADERS } from '../../records/record.ts';
import type { Headers, LogRecord, OutgoingRecord } from '../../records/record.ts';

/*
 * A batch as the log stores it, all numbers little-endian:
 *   u32 number of records | u32 last offset delta | records
 * A record:
 *   u32 offset delta | f64 timestamp | i32 key length (-1: none) | i32 value length (-1: none) | u16 headers
 *   each header: u16 name length, name, u32 value length, value
 *   key | value
 */
const BATCH_HEADER_BYTES = 8;
const RECORD_HEADER_BYTES = 22;
const MAX_UINT16 = 0xffff;
const FIRST_BUFFER_BYTES = 64 * 1024;
const NO_BYTES = Buffer.alloc(0);

/** Collects records for one partition until they are written as one batch. The buffer is made when it is needed, and used again. */
export class RecordBatchWriter {
  #buffer = NO_BYTES;
  #length = BATCH_HEADER_BYTES;
  #count = 0;
  #lastDelta = 0;

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#length;
  }

  add(record: Pick<OutgoingRecord, 'timestamp' | 'key' | 'value' | 'headers'>, offsetDelta: number): void {
    const { key, value, headers } = record;
    this.#reserve(RECORD_HEADER_BYTES + (key?.length ?? 0) + (value?.length ?? 0) + headersBytes(headers));
    const buffer = this.#buffer;
    let at = this.#length;
    at = buffer.writeUInt32LE(offsetDelta, at);
    at = buffer.writeDoubleLE(record.timestamp, at);
    at = buffer.writeInt32LE(key === null ? -1 : key.length, at);
    at = buffer.writeInt32LE(value === null ? -1 : value.length, at);
    at = buffer.writeUInt16LE(headers.length, at);
    for (const header of headers) {
      const nameBytes = Buffer.byteLength(header.name);
      at = buffer.writeUInt16LE(nameBytes, at);
      at += buffer.write(header.name, at);
      at = buffer.writeUInt32LE(header.value.length, at);
      at = put(buffer, header.value, at);
    }
    if (key !== null) at = put(buffer, key, at);
    if (value !== null) at = put(buffer, value, at);
    this.#length = at;
    this.#lastDelta = offsetDelta;
    this.#count++;
  }

  /** The batch; valid until the next call of `add`. */
  finish(): Buffer {
    this.#buffer.writeUInt32LE(this.#count, 0);
    this.#buffer.writeUInt32LE(this.#lastDelta, 4);
    const bytes = this.#buffer.subarray(0, this.#length);
    this.reset();
    return bytes;
  }

  reset(): void {
    this.#length = BATCH_HEADER_BYTES;
    this.#count = 0;
    this.#lastDelta = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.alloc(Math.max(needed, this.#buffer.length * 2, FIRST_BUFFER_BYTES));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** The records of a batch from an offset on. Keys and values are views into `bytes`. */
export function* readBatch(
  bytes: Buffer,
  place: { topic: string; partition: number; baseOffset: number },
  from: number,
): Iterable<LogRecord> {
  const { topic, partition, baseOffset } = place;
  const count = bytes.readUInt32LE(0);
  let at = BATCH_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const offset = baseOffset + bytes.readUInt32LE(at);
    const timestamp = bytes.readDoubleLE(at + 4);
    const keyLength = bytes.readInt32LE(at + 12);
    const valueLength = bytes.readInt32LE(at + 16);
    const headerCount = bytes.readUInt16LE(at + 20);
    at += RECORD_HEADER_BYTES;
    let headers: Headers = NO_HEADERS;
    if (headerCount > 0) [headers, at] = readHeaders(bytes, at, headerCount);
    const keyEnd = at + Math.max(keyLength, 0);
    const valueEnd = keyEnd + Math.max(valueLength, 0);
    if (offset >= from) {
      const key = keyLength < 0 ? null : bytes.subarray(at, keyEnd);
      const value = valueLength < 0 ? null : bytes.subarray(keyEnd, valueEnd);
      yield { topic, partition, offset, timestamp, key, value, headers };
    }
    at = valueEnd;
  }
}

export function lastOffsetDelta(bytes: Buffer): number {
  return bytes.readUInt32LE(4);
}

function readHeaders(bytes: Buffer, start: number, count: number): [Headers, number] {
  const headers = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const nameEnd = at + 2 + bytes.readUInt16LE(at);
    const name = bytes.toString('utf8', at + 2, nameEnd);
    const valueEnd = nameEnd + 4 + bytes.readUInt32LE(nameEnd);
    headers.push({ name, value: bytes.subarray(nameEnd + 4, valueEnd) });
    at = valueEnd;
  }
  return [headers, at];
}

function headersBytes(headers: Headers): number {
  if (headers.length > MAX_UINT16)
    throw new SerializationError(`a record has at most ${MAX_UINT16} headers, not ${headers.length}`);
  let bytes = 0;
  for (const { name, value } of headers) {
    const nameBytes = Buffer.byteLength(name);
    if (nameBytes > MAX_UINT16)
      throw new SerializationError(`a header's name has at most ${MAX_UINT16} bytes, not ${nameBytes}`);
    bytes += 6 + nameBytes + value.length;
  }
  return bytes;
}

function put(buffer: Buffer, bytes: Uint8Array, at: number): number {
  buffer.set(bytes, at);
  return at + bytes.length;
}
