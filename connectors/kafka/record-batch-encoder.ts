import type { Header } from '@incident-streams/streams';
import { KafkaRefusedError } from '@incident-streams/streams/kafka';
import type { PlacedRecord } from '@incident-streams/streams/kafka';
import { checksum } from './checksum.ts';

/**
 * Record batches, version 2, not compressed, as https://kafka.apache.org/documentation/#recordbatch has them.
 * Written by hand because a producer's throughput is mostly this: two passes over the records, one for their sizes and
 * one that writes into a single buffer, and no BigInt for a record.
 */
export interface RecordBatch {
  readonly bytes: Buffer;
  readonly recordCount: number;
}

/** On whose behalf a batch is written: brokers de-duplicate by producer, partition and sequence (KIP-98). */
export interface BatchProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly transactional: boolean;
}

export interface BatchLimits {
  readonly firstSequence: number;
  /** A batch is never larger, unless a single record is. */
  readonly maxBatchBytes: number;
}

/** What precedes the records: offset, length, leader epoch, magic, CRC, attributes, and so on down to the count. */
const HEAD_BYTES = 61;
const LENGTH_END = 12;
const CRC_START = 17;
const CRC_END = 21;
const MAGIC = 2;
const TRANSACTIONAL = 1 << 4;
/** Of a record, what its length does not vary with: attributes. */
const ATTRIBUTES_BYTES = 1;

const headerNames = new Map<string, Buffer>();
const MAX_HEADER_NAMES = 1_000;

/**
 * Encodes the records of one partition into as many batches as the limit asks for, in order.
 * @throws {KafkaRefusedError} for a timestamp that is no integer
 */
export function encodeRecordBatches(
  records: readonly PlacedRecord[],
  producer: BatchProducer,
  limits: BatchLimits,
): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  let sequence = limits.firstSequence;
  for (let start = 0; start < records.length;) {
    const plan = planBatch(records, start, limits.maxBatchBytes);
    batches.push({ bytes: writeBatch(records, plan, producer, sequence), recordCount: plan.sizes.length });
    sequence = advanceSequence(sequence, plan.sizes.length);
    start += plan.sizes.length;
  }
  return batches;
}

/** Sequences are 31 bits wide and begin again at 0. */
export function advanceSequence(sequence: number, count: number): number {
  return (sequence + count) % 0x8000_0000;
}

interface BatchPlan {
  readonly start: number;
  /** Of each record, the bytes behind its length prefix. */
  readonly sizes: readonly number[];
  readonly bytes: number;
}

function planBatch(records: readonly PlacedRecord[], start: number, maxBytes: number): BatchPlan {
  const sizes: number[] = [];
  const firstTimestamp = records[start]!.timestamp;
  let bytes = HEAD_BYTES;
  for (let index = start; index < records.length; index += 1) {
    const size = recordSize(records[index]!, firstTimestamp, index - start);
    const sizeWithPrefix = varintSize(size) + size;
    if (sizes.length > 0 && bytes + sizeWithPrefix > maxBytes) break;
    sizes.push(size);
    bytes += sizeWithPrefix;
  }
  return { start, sizes, bytes };
}

function recordSize(record: PlacedRecord, firstTimestamp: number, offsetDelta: number): number {
  if (!Number.isSafeInteger(record.timestamp)) throw timestampRefused(record);
  let size =
    ATTRIBUTES_BYTES +
    varintSize(record.timestamp - firstTimestamp) +
    varintSize(offsetDelta) +
    bytesSize(record.key) +
    bytesSize(record.value) +
    varintSize(record.headers.length);
  for (const header of record.headers) size += bytesSize(headerName(header.name)) + bytesSize(header.value);
  return size;
}

function timestampRefused({ topic, partition, timestamp }: PlacedRecord): KafkaRefusedError {
  return new KafkaRefusedError(
    `${topic}[${partition}]: the timestamp ${timestamp} is not a whole number of milliseconds`,
  );
}

function bytesSize(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length;
}

/** Of a zigzag varint. Beyond 31 bits it counts in floating point, which is exact up to 2^52. */
function varintSize(value: number): number {
  if (value >= -64 && value < 64) return 1;
  if (value >= -8_192 && value < 8_192) return 2;
  let size = 1;
  for (let rest = value < 0 ? -2 * value - 1 : 2 * value; rest >= 128; rest = Math.floor(rest / 128))
    size += 1;
  return size;
}

function writeBatch(
  records: readonly PlacedRecord[],
  plan: BatchPlan,
  producer: BatchProducer,
  firstSequence: number,
): Buffer {
  const out = Buffer.allocUnsafe(plan.bytes);
  const firstTimestamp = records[plan.start]!.timestamp;
  let maxTimestamp = firstTimestamp;
  let position = HEAD_BYTES;
  for (let delta = 0; delta < plan.sizes.length; delta += 1) {
    const record = records[plan.start + delta]!;
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;
    position = writeVarint(out, position, plan.sizes[delta]!);
    out[position++] = 0;
    position = writeVarint(out, position, record.timestamp - firstTimestamp);
    position = writeVarint(out, position, delta);
    position = writeBytes(out, position, record.key);
    position = writeBytes(out, position, record.value);
    position = writeHeaders(out, position, record.headers);
  }
  writeHead(out, { producer, firstSequence, firstTimestamp, maxTimestamp, count: plan.sizes.length });
  return out;
}

interface BatchHead {
  readonly producer: BatchProducer;
  readonly firstSequence: number;
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  readonly count: number;
}

function writeHead(out: Buffer, head: BatchHead): void {
  out.writeBigInt64BE(0n, 0);
  out.writeInt32BE(out.length - LENGTH_END, 8);
  out.writeInt32BE(-1, LENGTH_END);
  out.writeInt8(MAGIC, 16);
  out.writeInt16BE(head.producer.transactional ? TRANSACTIONAL : 0, CRC_END);
  out.writeInt32BE(head.count - 1, 23);
  out.writeBigInt64BE(BigInt(head.firstTimestamp), 27);
  out.writeBigInt64BE(BigInt(head.maxTimestamp), 35);
  out.writeBigInt64BE(head.producer.producerId, 43);
  out.writeInt16BE(head.producer.producerEpoch, 51);
  out.writeInt32BE(head.firstSequence, 53);
  out.writeInt32BE(head.count, 57);
  out.writeUInt32BE(checksum(out.subarray(CRC_END)), CRC_START);
}

function writeHeaders(out: Buffer, start: number, headers: readonly Header[]): number {
  let position = writeVarint(out, start, headers.length);
  for (const header of headers) {
    position = writeBytes(out, position, headerName(header.name));
    position = writeBytes(out, position, header.value);
  }
  return position;
}

function writeBytes(out: Buffer, start: number, bytes: Uint8Array | null): number {
  if (bytes === null) {
    out[start] = 1;
    return start + 1;
  }
  const position = writeVarint(out, start, bytes.length);
  out.set(bytes, position);
  return position + bytes.length;
}

function writeVarint(out: Buffer, start: number, value: number): number {
  let position = start;
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  while (rest > 0x7fff_ffff) {
    out[position++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    out[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[position] = rest;
  return position + 1;
}

/** Header names repeat with every record, so their UTF-8 is remembered; how many is bounded. */
function headerName(name: string): Buffer {
  let bytes = headerNames.get(name);
  if (bytes === undefined) {
    bytes = Buffer.from(name);
    if (headerNames.size >= MAX_HEADER_NAMES) headerNames.clear();
    headerNames.set(name, bytes);
  }
  return bytes;
}
