import type { IncidentStatus } from '../../schemas/generated/IncidentState.ts';
import type { TransitionType } from '../../schemas/generated/IncidentTransition.ts';

type Edge = readonly [from: IncidentStatus | null, to: IncidentStatus];

/** Every way in which a transition may lead from one status to another. There is no other. */
export const LEGAL_EDGES: Readonly<Record<TransitionType, readonly Edge[]>> = {
  DETECTED: [[null, 'PENDING']],
  OPENED: [['PENDING', 'OPEN']],
  ESCALATED: [
    ['OPEN', 'OPEN'],
    ['ACKNOWLEDGED', 'OPEN'],
  ],
  ACKNOWLEDGED: [['OPEN', 'ACKNOWLEDGED']],
  ACK_EXPIRED: [['ACKNOWLEDGED', 'OPEN']],
  COMMENTED: [
    ['PENDING', 'PENDING'],
    ['OPEN', 'OPEN'],
    ['ACKNOWLEDGED', 'ACKNOWLEDGED'],
    ['RESOLVED', 'RESOLVED'],
  ],
  UPDATED: [
    ['OPEN', 'OPEN'],
    ['ACKNOWLEDGED', 'ACKNOWLEDGED'],
  ],
  RECOVERED: [
    ['OPEN', 'OPEN'],
    ['ACKNOWLEDGED', 'ACKNOWLEDGED'],
  ],
  RESOLVED: [
    ['OPEN', 'RESOLVED'],
    ['ACKNOWLEDGED', 'RESOLVED'],
  ],
  REOPENED: [['RESOLVED', 'OPEN']],
  TRANSIENT: [['PENDING', 'CLOSED']],
  CLOSED: [['RESOLVED', 'CLOSED']],
};

export function isLegal(type: TransitionType, from: IncidentStatus | null, to: IncidentStatus): boolean {
  return LEGAL_EDGES[type].some((edge) => edge[0] === from && edge[1] === to);
}
