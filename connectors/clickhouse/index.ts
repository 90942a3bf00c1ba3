import type { SinkConnector } from '@incident-streams/streams';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { LATE_EVENT_TABLE } from './late-event-table.ts';
import { TableSink } from './table-sink.ts';
import type { ClickHouseSinkOptions } from './table-sink.ts';
import { TRANSITION_TABLE } from './transition-table.ts';
import { WINDOW_TABLE } from './window-table.ts';

export type { ClickHouseConnectionOptions } from './connection.ts';
export {
  ClickHouseInsertRefusedError,
  ClickHouseMigrationChangedError,
  ClickHousePreparationError,
  ClickHouseSinkNotOpenError,
  ClickHouseUnavailableError,
} from './errors.ts';
export { migrate } from './migrations.ts';
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

/** Archives events that came too late to change an incident: the view `late_events`. */
export function createLateEventsSink(options: ClickHouseSinkOptions): SinkConnector<string, IncidentEvent> {
  return new TableSink(LATE_EVENT_TABLE, options);
}
