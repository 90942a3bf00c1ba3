import type { LogRecord } from '../../records/record.ts';
import { toByteString } from '../../state/bytes.ts';
import { RecordBatchWriter } from './record-batch.ts';

/**
 * Of each key the newest record, in the order of their offsets, which stay as they are. A tombstone stays too: a reader
 * that is behind must hear of the deletion. A record without a key stands for itself.
 */
export function newestOfEachKey(records: readonly LogRecord[]): LogRecord[] {
  const newest = new Map<string, number>();
  for (const { key, offset } of records) if (key !== null) newest.set(toByteString(key), offset);
  return records.filter(({ key, offset }) => key === null || newest.get(toByteString(key)) === offset);
}

/** The records as batches of about `maxBytes`. The bytes are valid until the next batch is asked for. */
export function* batchesOf(
  records: readonly LogRecord[],
  maxBytes: number,
): Iterable<{ readonly baseOffset: number; readonly bytes: Buffer }> {
  const writer = new RecordBatchWriter();
  let baseOffset = records[0]?.offset ?? 0;
  for (const record of records) {
    if (writer.byteLength >= maxBytes) yield { baseOffset, bytes: writer.finish() };
    if (writer.count === 0) baseOffset = record.offset;
    writer.add(record, record.offset - baseOffset);
  }
  if (writer.count > 0) yield { baseOffset, bytes: writer.finish() };
}
