import { NO_HEADERS } from '@incident-streams/streams';
import type { SinkBatch, SinkRecord, SinkSource } from '@incident-streams/streams';
import { noDeadLetters } from '../sinks/no-dead-letters.ts';
import type { Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState, IncidentStatus } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition, TransitionType } from '../../schemas/generated/IncidentTransition.ts';

export const TOPIC = 'incident.transitions';
export const EPOCH = 1_700_000_000_000;
export const SOURCE: SinkSource = {
  topic: TOPIC,
  partitions: 2,
  topicEpoch: EPOCH,
  deadLetter: noDeadLetters,
};

export type TransitionRecord = SinkRecord<string, IncidentTransition>;

const STATUS_AFTER: Partial<Record<TransitionType, IncidentStatus>> = {
  DETECTED: 'PENDING',
  OPENED: 'OPEN',
  ACKNOWLEDGED: 'ACKNOWLEDGED',
  ACK_EXPIRED: 'OPEN',
  RESOLVED: 'RESOLVED',
  REOPENED: 'OPEN',
  TRANSIENT: 'CLOSED',
  CLOSED: 'CLOSED',
};

/** One step in the life of an incident. */
export interface Step {
  readonly incident: string;
  readonly type: TransitionType;
  readonly service?: string;
  readonly severity?: Severity;
}

/** Records at offsets 0, 1, 2, … with the whole state after each step, as the topology would write them. */
export function recordsOf(steps: readonly Step[]): TransitionRecord[] {
  const states = new Map<string, IncidentState>();
  return steps.map((step, offset) => {
    const at = 1_600_000_000_000 + offset * 1_000;
    const before = states.get(step.incident);
    const state = stateAfter(step, before, at);
    states.set(step.incident, state);
    return recordOf(offset, transitionOf(step, before, state, at));
  });
}

function stateAfter(step: Step, before: IncidentState | undefined, at: number): IncidentState {
  const status = STATUS_AFTER[step.type] ?? before?.status ?? 'OPEN';
  const service = step.service ?? before?.service ?? 'payments';
  return {
    incidentId: step.incident,
    correlationKey: `${service}/api`,
    service,
    component: 'api',
    fingerprint: null,
    status,
    severity: step.severity ?? before?.severity ?? 'MAJOR',
    summary: `${service} api answers slowly – „überlastet“`,
    version: (before?.version ?? 0) + 1,
    firstProblemAt: before?.firstProblemAt ?? at,
    lastProblemAt: at,
    openedAt: before?.openedAt ?? (status === 'PENDING' ? null : at),
    acknowledgedAt: status === 'ACKNOWLEDGED' ? at : null,
    acknowledgedBy: status === 'ACKNOWLEDGED' ? 'mia' : null,
    recoveredAt: null,
    resolvedAt: status === 'RESOLVED' ? at : null,
    closedAt: status === 'CLOSED' ? at : null,
    problemCount: (before?.problemCount ?? 0) + 1,
    reopenCount: before?.reopenCount ?? 0,
    ruleId: 'default',
    ruleVersion: 1,
    updatedAt: at,
  };
}

function transitionOf(
  step: Step,
  before: IncidentState | undefined,
  state: IncidentState,
  at: number,
): IncidentTransition {
  return {
    incidentId: step.incident,
    correlationKey: state.correlationKey,
    version: state.version,
    type: step.type,
    from: before?.status ?? null,
    to: state.status,
    at,
    reason: `it was ${step.type}`,
    ruleId: 'default',
    ruleVersion: 1,
    actor: 'system',
    comment: null,
    cause: { topic: 'incident.inbox', partition: 0, offset: 7, eventSource: 'probe', eventId: 'e-7' },
    state,
  };
}

function recordOf(offset: number, value: IncidentTransition): TransitionRecord {
  return { offset, timestamp: value.at, key: value.correlationKey, value, headers: NO_HEADERS };
}

/** The batch of some consecutive records. */
export function batchOf(
  records: readonly TransitionRecord[],
  options: { readonly partition?: number; readonly mode?: 'live' | 'restore' } = {},
): SinkBatch<string, IncidentTransition> {
  return {
    topic: TOPIC,
    partition: options.partition ?? 0,
    firstOffset: records.at(0)?.offset ?? 0,
    lastOffset: records.at(-1)?.offset ?? -1,
    records,
    mode: options.mode ?? 'live',
  };
}
