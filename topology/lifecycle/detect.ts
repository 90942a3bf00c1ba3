import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { fingerprintOf } from '../correlation.ts';
import { begin, remember, type Draft } from './draft.ts';
import { incidentIdOf } from './incident-id.ts';
import { laterCount, type Occurrence } from './occurrence.ts';

/** Records the first sight of an incident, which begins with `occurrence`, and returns its state. */
export function detect(draft: Draft, occurrence: Occurrence, reason: string): IncidentState {
  const { counted } = draft.memory;
  remember(draft, { counted: laterCount(counted, occurrence.counted), troubleUntil: null });
  return begin(draft, unbegunState(draft, occurrence), {
    type: 'DETECTED',
    to: 'PENDING',
    at: draft.now,
    reason,
  });
}

/** The state that its first transition makes version 1 of. */
function unbegunState(draft: Draft, occurrence: Occurrence): IncidentState {
  const { correlationKey, service, component } = draft.memory;
  const { rule } = draft.context;
  return {
    incidentId: incidentIdOf(correlationKey, occurrence.opener),
    correlationKey,
    service,
    component,
    fingerprint: fingerprintOf({ key: correlationKey, service, component }),
    status: 'PENDING',
    severity: occurrence.severity,
    summary: occurrence.summary,
    version: 0,
    firstProblemAt: occurrence.firstTime,
    lastProblemAt: occurrence.time,
    openedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    recoveredAt: null,
    resolvedAt: null,
    closedAt: null,
    problemCount: occurrence.problemsSoFar,
    reopenCount: 0,
    ruleId: rule.id,
    ruleVersion: rule.version,
    updatedAt: draft.now,
  };
}
