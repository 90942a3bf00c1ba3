import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { columnsOf } from './column.ts';
import { defineTable } from './table.ts';
import type { Row, Table } from './table.ts';

const { nullableString, nullableTime, string, time, uint32, uint64 } = columnsOf<Row<IncidentTransition>>();

/** Every change of every incident, with the whole incident after it. */
export const TRANSITION_TABLE: Table<IncidentTransition> = defineTable('transition_log', [
  string('incident_id', ({ value }) => value.incidentId),
  string('correlation_key', ({ value }) => value.correlationKey),
  uint32('version', ({ value }) => value.version),
  string('type', ({ value }) => value.type),
  nullableString('from_status', ({ value }) => value.from),
  string('to_status', ({ value }) => value.to),
  time('at', ({ value }) => value.at),
  string('reason', ({ value }) => value.reason),
  string('rule_id', ({ value }) => value.ruleId),
  uint32('rule_version', ({ value }) => value.ruleVersion),
  string('actor', ({ value }) => value.actor),
  nullableString('comment', ({ value }) => value.comment),
  string('cause_topic', ({ value }) => value.cause.topic),
  uint32('cause_partition', ({ value }) => value.cause.partition),
  uint64('cause_offset', ({ value }) => value.cause.offset),
  nullableString('cause_event_source', ({ value }) => value.cause.eventSource),
  nullableString('cause_event_id', ({ value }) => value.cause.eventId),
  string('service', ({ value }) => value.state.service),
  string('component', ({ value }) => value.state.component),
  nullableString('fingerprint', ({ value }) => value.state.fingerprint),
  string('severity', ({ value }) => value.state.severity),
  string('summary', ({ value }) => value.state.summary),
  time('first_problem_at', ({ value }) => value.state.firstProblemAt),
  time('last_problem_at', ({ value }) => value.state.lastProblemAt),
  nullableTime('opened_at', ({ value }) => value.state.openedAt),
  nullableTime('acknowledged_at', ({ value }) => value.state.acknowledgedAt),
  nullableString('acknowledged_by', ({ value }) => value.state.acknowledgedBy),
  nullableTime('recovered_at', ({ value }) => value.state.recoveredAt),
  nullableTime('resolved_at', ({ value }) => value.state.resolvedAt),
  nullableTime('closed_at', ({ value }) => value.state.closedAt),
  uint64('problem_count', ({ value }) => value.state.problemCount),
  uint32('reopen_count', ({ value }) => value.state.reopenCount),
  time('updated_at', ({ value }) => value.state.updatedAt),
  string('state', ({ value }) => (columnsHoldState(value) ? '' : JSON.stringify(value.state))),
]);

/**
 * Whether the columns say all of the state: then the views make its JSON from them, as it would be two thirds of
 * a row's bytes. A transition has some of the state's fields a second time, and one column serves for both.
 */
function columnsHoldState(transition: IncidentTransition): boolean {
  const { state } = transition;
  return (
    state.incidentId === transition.incidentId &&
    state.correlationKey === transition.correlationKey &&
    state.status === transition.to &&
    state.version === transition.version &&
    state.ruleId === transition.ruleId &&
    state.ruleVersion === transition.ruleVersion
  );
}
