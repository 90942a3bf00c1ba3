import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { isWorse } from '../rules/severity.ts';
import { detect } from './detect.ts';
import { change, effectiveAt, remember, type Draft } from './draft.ts';
import { laterCount, withOccurrence, type Occurrence } from './occurrence.ts';
import type { Trouble } from './trouble.ts';

/**
 * Something happened that is not known to be over. `trouble` says that it makes an incident, by itself or with what came
 * before it; null, that it is a problem which so far is too little for that.
 */
export function happen(draft: Draft, occurrence: Occurrence, trouble: Trouble | null): void {
  const { incident } = draft.memory;
  if (incident === null) return happenAnew(draft, occurrence, trouble);
  if (incident.status === 'RESOLVED') return happenAfterwards(draft, incident, occurrence, trouble);
  const counted = laterCount(draft.memory.counted, occurrence.counted);
  const grown = withOccurrence(incident, occurrence);
  remember(draft, { incident: grown, counted, unpublished: true });
  if (trouble !== null) extendTrouble(draft, trouble);
  if (incident.status === 'PENDING') return happenWhilePending(draft, grown, occurrence, trouble);
  return happenWhileActive(draft, grown, occurrence);
}

function happenAnew(draft: Draft, occurrence: Occurrence, trouble: Trouble | null): void {
  if (trouble === null && draft.context.rule.detectOn === 'threshold') return;
  const pending = detect(
    draft,
    occurrence,
    trouble?.reason ?? 'a problem, so far too little for an incident',
  );
  if (trouble !== null) open(draft, pending, trouble);
}

function happenWhilePending(
  draft: Draft,
  incident: IncidentState,
  occurrence: Occurrence,
  trouble: Trouble | null,
): void {
  const { severity, summary } = occurrence;
  const pending = isWorse(severity, incident.severity) ? { ...incident, severity, summary } : incident;
  remember(draft, { incident: pending });
  if (trouble !== null) open(draft, pending, trouble);
}

function open(draft: Draft, incident: IncidentState, trouble: Trouble): void {
  const at = effectiveAt(draft, incident);
  change(draft, incident, { type: 'OPENED', to: 'OPEN', at, reason: trouble.reason, set: { openedAt: at } });
  extendTrouble(draft, trouble);
}

function happenWhileActive(draft: Draft, incident: IncidentState, occurrence: Occurrence): void {
  const at = effectiveAt(draft, incident);
  const { severity, summary } = occurrence;
  const revokesRecovery = incident.recoveredAt !== null && occurrence.time > incident.recoveredAt;
  const recoveredAt = revokesRecovery ? null : incident.recoveredAt;
  if (isWorse(severity, incident.severity)) {
    const reason = `${severity} after ${incident.severity}`;
    const set = { severity, summary, recoveredAt, acknowledgedAt: null, acknowledgedBy: null };
    change(draft, incident, { type: 'ESCALATED', to: 'OPEN', at, reason, set });
  } else if (revokesRecovery) {
    const reason = 'the recovery did not hold';
    change(draft, incident, { type: 'UPDATED', to: incident.status, at, reason, set: { recoveredAt } });
  }
}

function happenAfterwards(
  draft: Draft,
  incident: IncidentState,
  occurrence: Occurrence,
  trouble: Trouble | null,
): void {
  const { rule } = draft.context;
  const isSameIncident = occurrence.time <= (incident.resolvedAt ?? 0) + rule.reopenMs;
  if (isSameIncident) {
    if (trouble !== null) reopen(draft, incident, occurrence, trouble);
    return;
  }
  if (trouble === null && rule.detectOn === 'threshold') return;
  const at = effectiveAt(draft, incident);
  const reason = 'what happens now is too long after it: another incident begins';
  change(draft, incident, { type: 'CLOSED', to: 'CLOSED', at, reason, set: { closedAt: at } });
  happenAnew(draft, occurrence, trouble);
}

function reopen(draft: Draft, incident: IncidentState, occurrence: Occurrence, trouble: Trouble): void {
  const isWorseNow = isWorse(occurrence.severity, incident.severity);
  const back: IncidentState = {
    ...withOccurrence(incident, { ...occurrence, problems: occurrence.problemsSoFar }),
    severity: isWorseNow ? occurrence.severity : incident.severity,
    summary: isWorseNow ? occurrence.summary : incident.summary,
    acknowledgedAt: null,
    acknowledgedBy: null,
    recoveredAt: null,
    resolvedAt: null,
    reopenCount: incident.reopenCount + 1,
  };
  change(draft, incident, {
    type: 'REOPENED',
    to: 'OPEN',
    at: effectiveAt(draft, incident),
    reason: `came back: ${trouble.reason}`,
    set: back,
  });
  remember(draft, { counted: laterCount(draft.memory.counted, occurrence.counted) });
  extendTrouble(draft, trouble);
}

function extendTrouble(draft: Draft, trouble: Trouble): void {
  const { troubleUntil } = draft.memory;
  if (troubleUntil === null || trouble.until > troubleUntil) remember(draft, { troubleUntil: trouble.until });
}
