import type { Severity } from './generated/IncidentEvent.ts';
import type { IncidentStatus } from './generated/IncidentState.ts';
import type { IncidentTransition, TransitionType } from './generated/IncidentTransition.ts';

/** The transitions that people are told of. */
export const ALERT_TYPES = [
  'OPENED',
  'ESCALATED',
  'ACKNOWLEDGED',
  'ACK_EXPIRED',
  'RESOLVED',
  'REOPENED',
] as const;

export type AlertType = (typeof ALERT_TYPES)[number];

/**
 * What subscribers receive as JSON, whichever way it comes; `alert.schema.json` describes it. Times are
 * milliseconds since the epoch.
 */
export interface Alert {
  readonly version: 1;
  /** Names the alert for good: the same change always has the same id, so a receiver can drop a second copy. */
  readonly id: string;
  readonly type: AlertType;
  readonly at: number;
  readonly incidentId: string;
  readonly incidentVersion: number;
  readonly correlationKey: string;
  readonly service: string;
  readonly component: string;
  readonly fingerprint: string | null;
  readonly severity: Severity;
  readonly status: IncidentStatus;
  readonly previousStatus: IncidentStatus | null;
  readonly summary: string;
  readonly reason: string;
  readonly actor: string;
  readonly comment: string | null;
  readonly openedAt: number | null;
  readonly problemCount: number;
  readonly reopenCount: number;
  readonly ruleId: string;
  readonly ruleVersion: number;
}

export function isAlertType(type: TransitionType): type is AlertType {
  return (ALERT_TYPES as readonly TransitionType[]).includes(type);
}

/** The alert that tells of a transition, or null where nobody is told. */
export function alertOf(transition: IncidentTransition): Alert | null {
  const { state, type } = transition;
  if (!isAlertType(type)) return null;
  return {
    version: 1,
    id: `${transition.incidentId}/${transition.version}`,
    type,
    at: transition.at,
    incidentId: transition.incidentId,
    incidentVersion: transition.version,
    correlationKey: transition.correlationKey,
    service: state.service,
    component: state.component,
    fingerprint: state.fingerprint,
    severity: state.severity,
    status: transition.to,
    previousStatus: transition.from,
    summary: state.summary,
    reason: transition.reason,
    actor: transition.actor,
    comment: transition.comment,
    openedAt: state.openedAt,
    problemCount: state.problemCount,
    reopenCount: state.reopenCount,
    ruleId: transition.ruleId,
    ruleVersion: transition.ruleVersion,
  };
}
