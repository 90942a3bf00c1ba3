import type { LogRecord } from '../../records/record.ts';
import type { TopicLog } from './topic-log.ts';

const MAX_BATCH_RECORDS = 5_000;
/** Of keys and values; a batch goes over it by one record at most. */
const MAX_BATCH_BYTES = 8_000_000;

/**
 * The records of a partition with `from <= offset <= to`: as many as make a batch, or with `whole` all of them, for a
 * batch that was begun before.
 */
export function readSinkRecords(
  log: TopicLog,
  place: { readonly topic: string; readonly partition: number },
  range: { readonly from: number; readonly to: number; readonly whole?: boolean },
): LogRecord[] {
  const records: LogRecord[] = [];
  let bytes = 0;
  let offset = range.from;
  const isFull = (): boolean =>
    range.whole !== true && (records.length >= MAX_BATCH_RECORDS || bytes >= MAX_BATCH_BYTES);
  while (offset <= range.to && !isFull()) {
    const batch = log.read(place.topic, place.partition, offset);
    if (batch === undefined) break;
    for (const record of batch) {
      if (record.offset > range.to) return records;
      if (isFull()) break;
      records.push(record);
      bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
      offset = record.offset + 1;
    }
  }
  return records;
}
