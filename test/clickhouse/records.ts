import { NO_HEADERS } from '@incident-streams/streams';
import type { SinkBatch, SinkSource } from '@incident-streams/streams';
import { noDeadLetters } from '../sinks/no-dead-letters.ts';
import type { EventVerdict } from '../../schemas/generated/EventVerdict.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';

export const TRANSITIONS: SinkSource = {
  topic: 'incident.transitions',
  partitions: 4,
  topicEpoch: 1_700_000_000_000,
  deadLetter: noDeadLetters,
};
export const WINDOWS: SinkSource = { ...TRANSITIONS, topic: 'incident.windows' };
export const VERDICTS: SinkSource = { ...TRANSITIONS, topic: 'incident.verdicts' };

export const START = Date.UTC(2021, 2, 4, 5, 6, 7, 89);

/** Consecutive records from `firstOffset` on. */
export function batchOf<V>(
  source: SinkSource,
  values: readonly V[],
  place: { readonly partition?: number; readonly firstOffset?: number } = {},
): SinkBatch<string, V> {
  const { partition = 0, firstOffset = 0 } = place;
  return {
    topic: source.topic,
    partition,
    firstOffset,
    lastOffset: firstOffset + values.length - 1,
    mode: 'live',
    records: values.map((value, index) => ({
      offset: firstOffset + index,
      timestamp: START,
      key: 'checkout/db',
      value,
      headers: NO_HEADERS,
    })),
  };
}

export function makeState(changes: Partial<IncidentState> = {}): IncidentState {
  return {
    incidentId: 'inc-1',
    correlationKey: 'checkout/db',
    service: 'checkout',
    component: 'db',
    fingerprint: null,
    status: 'OPEN',
    severity: 'MAJOR',
    summary: 'connections refused',
    version: 1,
    firstProblemAt: START,
    lastProblemAt: START,
    openedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    recoveredAt: null,
    resolvedAt: null,
    closedAt: null,
    problemCount: 1,
    reopenCount: 0,
    ruleId: 'default',
    ruleVersion: 1,
    updatedAt: START,
    ...changes,
  };
}

/** A transition into `state`; version, status and rule follow the state. */
export function makeTransition(
  type: IncidentTransition['type'],
  state: IncidentState,
  changes: Partial<IncidentTransition> = {},
): IncidentTransition {
  return {
    incidentId: state.incidentId,
    correlationKey: state.correlationKey,
    version: state.version,
    type,
    from: null,
    to: state.status,
    at: state.updatedAt,
    reason: 'three problems in a minute',
    ruleId: state.ruleId,
    ruleVersion: state.ruleVersion,
    actor: 'system',
    comment: null,
    cause: { topic: 'incident.inbox', partition: 2, offset: 17, eventSource: 'probe', eventId: 'e-1' },
    state,
    ...changes,
  };
}

export function makeWindow(changes: Partial<WindowAggregate> = {}): WindowAggregate {
  return {
    correlationKey: 'checkout/db',
    service: 'checkout',
    component: 'db',
    windowStart: START,
    windowEnd: START + 60_000,
    count: 5,
    problems: 3,
    samples: 1,
    recoveries: 1,
    valueSum: 12.5,
    valueMin: -1.5,
    valueMax: 14,
    highestSeverity: 'CRITICAL',
    firstEventTime: START + 1,
    lastEventTime: START + 59_999,
    ...changes,
  };
}

export function makeEvent(changes: Partial<IncidentEvent> = {}): IncidentEvent {
  return {
    id: 'e-1',
    source: 'probe',
    type: 'probe.failed',
    time: START,
    service: 'checkout',
    component: 'db',
    fingerprint: null,
    kind: 'PROBLEM',
    severity: 'MINOR',
    summary: 'timeout',
    value: null,
    attributes: {},
    ...changes,
  };
}

export function makeVerdict(
  event: IncidentEvent = makeEvent(),
  changes: Partial<EventVerdict> = {},
): EventVerdict {
  return {
    outcome: 'APPLIED',
    reason: null,
    receivedAt: START + 1_500,
    inboxPartition: 2,
    inboxOffset: 17,
    event,
    ...changes,
  };
}
