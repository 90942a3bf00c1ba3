import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { columnsOf } from './column.ts';
import { defineTable } from './table.ts';
import type { Row, Table } from './table.ts';

const { nullableFloat64, nullableString, string, stringMap, time } = columnsOf<Row<IncidentEvent>>();

/** Events that came after the longest grace: they belong to the history, and changed no incident. */
export const LATE_EVENT_TABLE: Table<IncidentEvent> = defineTable('late_event_log', [
  string('event_source', ({ value }) => value.source),
  string('event_id', ({ value }) => value.id),
  string('type', ({ value }) => value.type),
  time('time', ({ value }) => value.time),
  string('service', ({ value }) => value.service),
  string('component', ({ value }) => value.component),
  nullableString('fingerprint', ({ value }) => value.fingerprint),
  string('kind', ({ value }) => value.kind),
  string('severity', ({ value }) => value.severity),
  string('summary', ({ value }) => value.summary),
  nullableFloat64('value', ({ value }) => value.value),
  stringMap('attributes', ({ value }) => value.attributes),
]);
