import { createTransitionsSink } from '../../connectors/clickhouse/index.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import type { Archive } from './archive-load.ts';

const START = 1_700_000_000_000;

/** Transitions of incidents that change eight times each. */
export const TRANSITIONS: Archive<IncidentTransition> = {
  topic: 'incident.transitions',
  table: 'transition_log',
  view: 'transitions',
  serde: createSerdes(new EmbeddedRegistry()).incidentTransition,
  makeSink: createTransitionsSink,
  makeValue: makeTransition,
  rowOf: transitionRow,
};

function makeTransition(index: number): IncidentTransition {
  const incident = Math.floor(index / 8);
  const incidentId = `inc-${incident.toString(16).padStart(16, '0')}`;
  const service = `service-${incident % 50}`;
  const correlationKey = `${service}/component-${incident % 400}`;
  const at = START + index * 250;
  const version = (index % 8) + 1;
  const opened = version > 1;
  return {
    incidentId,
    correlationKey,
    version,
    type: opened ? 'UPDATED' : 'DETECTED',
    from: opened ? 'OPEN' : null,
    to: 'OPEN',
    at,
    reason: `${version} problems within the window of one minute`,
    ruleId: 'default',
    ruleVersion: 1,
    actor: 'system',
    comment: null,
    cause: {
      topic: 'incident.inbox',
      partition: 0,
      offset: index,
      eventSource: service,
      eventId: `event-${index}`,
    },
    state: {
      incidentId,
      correlationKey,
      service,
      component: `component-${incident % 400}`,
      fingerprint: null,
      status: 'OPEN',
      severity: 'MAJOR',
      summary: `Error rate of ${service} above its threshold since ${at}`,
      version,
      firstProblemAt: at - 60_000,
      lastProblemAt: at,
      openedAt: opened ? at - 30_000 : null,
      acknowledgedAt: null,
      acknowledgedBy: null,
      recoveredAt: null,
      resolvedAt: null,
      closedAt: null,
      problemCount: version * 3,
      reopenCount: 0,
      ruleId: 'default',
      ruleVersion: 1,
      updatedAt: at,
    },
  };
}

/** Without the state as JSON: the sink leaves that to the view as well. */
function transitionRow({ state, cause, ...value }: IncidentTransition): Record<string, unknown> {
  return {
    incident_id: value.incidentId,
    correlation_key: value.correlationKey,
    version: value.version,
    type: value.type,
    from_status: value.from,
    to_status: value.to,
    at: value.at,
    reason: value.reason,
    rule_id: value.ruleId,
    rule_version: value.ruleVersion,
    actor: value.actor,
    comment: value.comment,
    cause_topic: cause.topic,
    cause_partition: cause.partition,
    cause_offset: cause.offset,
    cause_event_source: cause.eventSource,
    cause_event_id: cause.eventId,
    service: state.service,
    component: state.component,
    fingerprint: state.fingerprint,
    severity: state.severity,
    summary: state.summary,
    first_problem_at: state.firstProblemAt,
    last_problem_at: state.lastProblemAt,
    opened_at: state.openedAt,
    acknowledged_at: state.acknowledgedAt,
    acknowledged_by: state.acknowledgedBy,
    recovered_at: state.recoveredAt,
    resolved_at: state.resolvedAt,
    closed_at: state.closedAt,
    problem_count: state.problemCount,
    reopen_count: state.reopenCount,
    updated_at: state.updatedAt,
  };
}
