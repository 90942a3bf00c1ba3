import { crc32c, createRecordsBatch } from '@platformatic/kafka';
import type { MessageRecord } from '@platformatic/kafka';
import type { LogRecord } from '@incident-streams/streams';

export interface BatchPlan {
  readonly baseOffset: number;
  readonly records: readonly Pick<LogRecord, 'timestamp' | 'key' | 'value' | 'headers'>[];
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly producerId?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
  readonly logAppendTimeMs?: number;
  /** Where compaction has removed records at the end. */
  readonly lastOffsetDelta?: number;
}

/** A batch as a broker stores it, encoded by the client package, not by what is tested here. */
export function buildBatch(plan: BatchPlan): Buffer {
  const messages = plan.records.map(({ timestamp, key, value, headers }) => ({
    topic: 't',
    timestamp: BigInt(timestamp),
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    headers: new Map(headers.map((header) => [Buffer.from(header.name), Buffer.from(header.value)])),
  })) as unknown as MessageRecord[];
  const batch = createRecordsBatch(messages, {
    compression: plan.compression ?? 'none',
    producerId: BigInt(plan.producerId ?? -1),
    ...(plan.transactional && { transactionalId: 'any' }),
  }).buffer;
  batch.writeBigInt64BE(BigInt(plan.baseOffset), 0);
  if (plan.control) batch.writeInt16BE(batch.readInt16BE(21) | 0x20, 21);
  if (plan.lastOffsetDelta !== undefined) batch.writeInt32BE(plan.lastOffsetDelta, 23);
  if (plan.logAppendTimeMs !== undefined) {
    batch.writeInt16BE(batch.readInt16BE(21) | 0x08, 21);
    batch.writeBigInt64BE(BigInt(plan.logAppendTimeMs), 35);
  }
  batch.writeUInt32BE(crc32c(batch.subarray(21)) >>> 0, 17);
  return batch;
}

/** What ends a transaction: a control batch of one record, whose key is a version and a type. */
export function endMark(baseOffset: number, producerId: number, outcome: 'commit' | 'abort'): Buffer {
  const key = Buffer.from([0, 0, 0, outcome === 'commit' ? 1 : 0]);
  const records = [{ timestamp: 1_000, key, value: Buffer.alloc(6), headers: [] }];
  return buildBatch({ baseOffset, records, producerId, transactional: true, control: true });
}

/** Records whose values are texts. */
export function texts(...values: readonly string[]): BatchPlan['records'] {
  return values.map((value) => ({ timestamp: 1_000, key: null, value: Buffer.from(value), headers: [] }));
}
