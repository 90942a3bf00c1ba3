import { NO_HEADERS } from '@incident-streams/streams';
import type { SinkBatch } from '@incident-streams/streams';
import type { IncidentState, IncidentStatus } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition, TransitionType } from '../../schemas/generated/IncidentTransition.ts';

export type TransitionBatch = SinkBatch<string, IncidentTransition>;

export const TRANSITION_LOAD = {
  partitions: 4,
  incidents: 20_000,
  batchRecords: 5_000,
  services: 50,
} as const;

export const LOAD_TOPIC = 'incident.transitions';

/** Ten changes in the life of an incident; three of them are alerts, and at the end nothing is left of it. */
const LIFE: readonly (readonly [TransitionType, IncidentStatus])[] = [
  ['DETECTED', 'PENDING'],
  ['OPENED', 'OPEN'],
  ['UPDATED', 'OPEN'],
  ['UPDATED', 'OPEN'],
  ['ACKNOWLEDGED', 'ACKNOWLEDGED'],
  ['UPDATED', 'ACKNOWLEDGED'],
  ['UPDATED', 'ACKNOWLEDGED'],
  ['RECOVERED', 'ACKNOWLEDGED'],
  ['RESOLVED', 'RESOLVED'],
  ['CLOSED', 'CLOSED'],
];

export const LOAD_TRANSITIONS = TRANSITION_LOAD.incidents * LIFE.length;

/**
 * Batches by partition. All incidents go through their lives side by side, so that no incident comes twice in a
 * batch: what a sink folds together in practice, it cannot fold here.
 */
export function transitionLoad(): TransitionBatch[][] {
  return Array.from({ length: TRANSITION_LOAD.partitions }, (_, partition) => batchesOf(partition));
}

function batchesOf(partition: number): TransitionBatch[] {
  const { incidents, partitions, batchRecords } = TRANSITION_LOAD;
  const ofPartition = incidents / partitions;
  const total = ofPartition * LIFE.length;
  const batches: TransitionBatch[] = [];
  for (let firstOffset = 0; firstOffset < total; firstOffset += batchRecords) {
    const lastOffset = Math.min(firstOffset + batchRecords, total) - 1;
    const records = Array.from({ length: lastOffset - firstOffset + 1 }, (_, i) => {
      const offset = firstOffset + i;
      const incident = partition + (offset % ofPartition) * partitions;
      const value = transitionAt(incident, Math.floor(offset / ofPartition), offset);
      return { offset, timestamp: value.at, key: value.correlationKey, value, headers: NO_HEADERS };
    });
    batches.push({ topic: LOAD_TOPIC, partition, firstOffset, lastOffset, records, mode: 'live' });
  }
  return batches;
}

function transitionAt(incident: number, step: number, offset: number): IncidentTransition {
  const [type, status] = LIFE[step] ?? ['CLOSED', 'CLOSED'];
  const state = stateAt(incident, step, status);
  return {
    incidentId: state.incidentId,
    correlationKey: state.correlationKey,
    version: state.version,
    type,
    from: LIFE[step - 1]?.[1] ?? null,
    to: status,
    at: state.updatedAt,
    reason: '12 problems within one minute, the rule allows 5',
    ruleId: 'http-errors',
    ruleVersion: 3,
    actor: 'system',
    comment: null,
    cause: {
      topic: 'incident.inbox',
      partition: 0,
      offset,
      eventSource: 'bench',
      eventId: `event-${offset}`,
    },
    state,
  };
}

function stateAt(incident: number, step: number, status: IncidentStatus): IncidentState {
  const start = Date.UTC(2026, 0, 1) + incident * 50;
  const service = `service-${incident % TRANSITION_LOAD.services}`;
  const at = start + step * 60_000;
  return {
    incidentId: `5f0c1d9e7ab34c21${incident.toString(16).padStart(16, '0')}`,
    correlationKey: `${service}/component-${incident}`,
    service,
    component: `component-${incident}`,
    fingerprint: null,
    status,
    severity: incident % 10 === 0 ? 'CRITICAL' : 'MAJOR',
    summary: 'requests fail with status 503 since the last deployment',
    version: step + 1,
    firstProblemAt: start,
    lastProblemAt: at,
    openedAt: step === 0 ? null : start + 60_000,
    acknowledgedAt: status === 'ACKNOWLEDGED' ? at : null,
    acknowledgedBy: status === 'ACKNOWLEDGED' ? 'mia' : null,
    recoveredAt: null,
    resolvedAt: status === 'RESOLVED' ? at : null,
    closedAt: status === 'CLOSED' ? at : null,
    problemCount: step * 12,
    reopenCount: 0,
    ruleId: 'http-errors',
    ruleVersion: 3,
    updatedAt: at,
  };
}
