import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { columnsOf } from './column.ts';
import { defineTable } from './table.ts';
import type { Row, Table } from './table.ts';

const { float64, nullableFloat64, nullableString, string, time, uint64 } = columnsOf<Row<WindowAggregate>>();

/** What each closed window counted and measured. */
export const WINDOW_TABLE: Table<WindowAggregate> = defineTable('window_log', [
  string('correlation_key', ({ value }) => value.correlationKey),
  string('service', ({ value }) => value.service),
  string('component', ({ value }) => value.component),
  time('window_start', ({ value }) => value.windowStart),
  time('window_end', ({ value }) => value.windowEnd),
  uint64('count', ({ value }) => value.count),
  uint64('problems', ({ value }) => value.problems),
  uint64('samples', ({ value }) => value.samples),
  uint64('recoveries', ({ value }) => value.recoveries),
  float64('value_sum', ({ value }) => value.valueSum),
  nullableFloat64('value_min', ({ value }) => value.valueMin),
  nullableFloat64('value_max', ({ value }) => value.valueMax),
  nullableString('highest_severity', ({ value }) => value.highestSeverity),
  time('first_event_time', ({ value }) => value.firstEventTime),
  time('last_event_time', ({ value }) => value.lastEventTime),
]);
