import type { EventVerdict } from '../../schemas/generated/EventVerdict.ts';
import { columnsOf } from './column.ts';
import { defineTable } from './table.ts';
import type { Row, Table } from './table.ts';

const { nullableFloat64, nullableString, nullableTime, string, stringMap, time, uint32, uint64 } =
  columnsOf<Row<EventVerdict>>();

const OUTCOMES: Readonly<Record<EventVerdict['outcome'], string>> = {
  APPLIED: 'applied',
  DUPLICATE: 'duplicate',
  LATE: 'late',
  REJECTED: 'rejected',
};

/** Every event that came and could be read, with what the gate decided about it. */
export const EVENT_TABLE: Table<EventVerdict> = defineTable('event_log', [
  string('outcome', ({ value }) => OUTCOMES[value.outcome]),
  nullableString('reason', ({ value }) => value.reason),
  nullableTime('received_at', ({ value }) => value.receivedAt),
  uint32('inbox_partition', ({ value }) => value.inboxPartition),
  uint64('inbox_offset', ({ value }) => value.inboxOffset),
  string('event_source', ({ value }) => value.event.source),
  string('event_id', ({ value }) => value.event.id),
  string('type', ({ value }) => value.event.type),
  time('time', ({ value }) => value.event.time),
  string('service', ({ value }) => value.event.service),
  string('component', ({ value }) => value.event.component),
  nullableString('fingerprint', ({ value }) => value.event.fingerprint),
  string('kind', ({ value }) => value.event.kind),
  string('severity', ({ value }) => value.event.severity),
  string('summary', ({ value }) => value.event.summary),
  nullableFloat64('value', ({ value }) => value.event.value),
  stringMap('attributes', ({ value }) => value.event.attributes),
]);
