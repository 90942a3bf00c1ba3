// Made by `npm run schemas` from schemas/IncidentState.avsc. Change that file, not this one.
import type { Severity } from './IncidentEvent.ts';

/**
 * How an incident stands now. In the state topic under its correlation key; a tombstone there once the
 * incident has been closed.
 */
export interface IncidentState {
  /**
   * Names the incident: a hash of its correlation key and of the source and id of the event that it began
   * with, so that a replay finds the same id.
   */
  readonly incidentId: string;
  /**
   * What belongs together: service/component, or service/component/fingerprint. Everything about one key is
   * kept in one partition, in order.
   */
  readonly correlationKey: string;
  /** The service that it concerns. */
  readonly service: string;
  /** The component that it concerns. */
  readonly component: string;
  /** The events' fingerprint, where they carry one. */
  readonly fingerprint: string | null;
  /** Where it stands. */
  readonly status: IncidentStatus;
  /** The worst severity that it has had since it began. */
  readonly severity: Severity;
  /** One sentence for people, from the event that made it as bad as it is. */
  readonly summary: string;
  /** 1 for the first transition, one more for every further one. */
  readonly version: number;
  /** Event time of the earliest problem that belongs to it. Milliseconds since the epoch. */
  readonly firstProblemAt: number;
  /**
   * Event time of the latest problem, or of the latest event of a breaching window, that belongs to it.
   * Milliseconds since the epoch.
   */
  readonly lastProblemAt: number;
  /** When it was first opened. Null while it is pending. Milliseconds since the epoch. */
  readonly openedAt: number | null;
  /** Since when it is acknowledged. Null where it is not. Milliseconds since the epoch. */
  readonly acknowledgedAt: number | null;
  /** Who acknowledged it. Null where it is not acknowledged. */
  readonly acknowledgedBy: string | null;
  /**
   * Since when it has been recovered, while it waits whether that holds. Null while it is not recovered.
   * Milliseconds since the epoch.
   */
  readonly recoveredAt: number | null;
  /** When it was resolved. Null until then and after it was reopened. Milliseconds since the epoch. */
  readonly resolvedAt: number | null;
  /** When it was closed. Null until then. Milliseconds since the epoch. */
  readonly closedAt: number | null;
  /** Problem events that belong to it. */
  readonly problemCount: number;
  /** How often it came back after it had been resolved. */
  readonly reopenCount: number;
  /** The rule that last decided about it. */
  readonly ruleId: string;
  /** The version of that rule. */
  readonly ruleVersion: number;
  /** When its latest transition took effect, in stream time. Milliseconds since the epoch. */
  readonly updatedAt: number;
}

/**
 * Where an incident stands. PENDING: noticed, below the threshold that makes it an incident. OPEN: wrong, and
 * nobody has taken it. ACKNOWLEDGED: wrong, and somebody has. RESOLVED: over, may come back. CLOSED: over for
 * good. A reader that meets a status it does not know takes it for OPEN, so that nothing is overlooked.
 */
export type IncidentStatus =
  | 'PENDING'
  | 'OPEN'
  | 'ACKNOWLEDGED'
  | 'RESOLVED'
  | 'CLOSED';

/** Every {@link IncidentStatus}, in the order of the schema. */
export const INCIDENT_STATUS_SYMBOLS = [
  'PENDING',
  'OPEN',
  'ACKNOWLEDGED',
  'RESOLVED',
  'CLOSED',
] as const;
