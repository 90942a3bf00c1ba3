import { DeserializationError, formatPosition } from '../../errors.ts';
import type { SinkBinding } from '../../graph/topology.ts';
import type { SinkRecord } from '../../ports/sink-connector.ts';
import type { LogRecord } from '../../records/record.ts';

/** @throws {DeserializationError} with the place of the record */
export function decodeRecord(
  record: LogRecord,
  { key, value }: Pick<SinkBinding, 'key' | 'value'>,
): SinkRecord<unknown, unknown> {
  try {
    return {
      offset: record.offset,
      timestamp: record.timestamp,
      key: record.key === null ? null : key.deserialize(record.key),
      value: record.value === null ? null : value.deserialize(record.value),
      headers: record.headers,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DeserializationError(`${formatPosition(record)}: ${reason}`, { cause: error });
  }
}
