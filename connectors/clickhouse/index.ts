import type { SinkConnector } from '@incident-streams/streams';
import type { EventVerdict } from '../../schemas/generated/EventVerdict.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { DeadLetterSink } from './dead-letter-sink.ts';
import { EVENT_TABLE } from './event-table.ts';
import { TableSink } from './table-sink.ts';
import type { ClickHouseSinkOptions } from './table-sink.ts';
import { TRANSITION_TABLE } from './transition-table.ts';
import { WINDOW_TABLE } from './window-table.ts';

export type { ClickHouseConnectionOptions } from './connection.ts';
export {
  ClickHouseInsertRefusedError,
  ClickHouseMigrationChangedError,
  ClickHousePreparationError,
  ClickHouseSchemaBehindError,
  ClickHouseSinkNotOpenError,
  ClickHouseUnavailableError,
  ClickHouseUsageError,
} from './errors.ts';
export { checkMigrated, migrate } from './migrations.ts';
export { prepareHistory } from './prepare-history.ts';
export type { ClickHouseSinkOptions } from './table-sink.ts';

/** Archives every change of every incident: the views `transitions` and `incidents`. */
export function createTransitionsSink(
  options: ClickHouseSinkOptions,
): SinkConnector<string, IncidentTransition> {
  return new TableSink(TRANSITION_TABLE, options);
}

/** Archives what each closed window counted: the view `windows`. */
export function createWindowsSink(options: ClickHouseSinkOptions): SinkConnector<string, WindowAggregate> {
  return new TableSink(WINDOW_TABLE, options);
}

/** Archives every event with what became of it: the views `events` and `late_events`. */
export function createEventsSink(options: ClickHouseSinkOptions): SinkConnector<string, EventVerdict> {
  return new TableSink(EVENT_TABLE, options);
}

/** Archives dead letters, as they came, with the reason and the place they come from: the view `dead_letters`. */
export function createDeadLettersSink(
  options: ClickHouseSinkOptions,
): SinkConnector<Uint8Array | null, Uint8Array> {
  return new DeadLetterSink(options);
}
