// Made by `npm run schemas` from schemas/IncidentTransition.avsc. Change that file, not this one.
import type { IncidentState, IncidentStatus } from './IncidentState.ts';

/** One change of one incident, with the whole state after it. The incident's history is the list of them. */
export interface IncidentTransition {
  /** The incident that changed. */
  readonly incidentId: string;
  /**
   * What belongs together: service/component, or service/component/fingerprint. Everything about one key is
   * kept in one partition, in order.
   */
  readonly correlationKey: string;
  /** 1 for the first transition of the incident, one more for every further one. */
  readonly version: number;
  /** What changed. */
  readonly type: TransitionType;
  /** The status before. Null where there was no incident before. */
  readonly from: IncidentStatus | null;
  /** The status after. */
  readonly to: IncidentStatus;
  /**
   * When it took effect, in stream time: for what a timer brought about, when that was due. Milliseconds
   * since the epoch.
   */
  readonly at: number;
  /** Why, as a sentence for people. */
  readonly reason: string;
  /** The rule that decided. */
  readonly ruleId: string;
  /** The version of that rule. */
  readonly ruleVersion: number;
  /** Who brought it about: 'system', or the operator. */
  readonly actor: string;
  /** What the operator said. Null where nobody said anything. */
  readonly comment: string | null;
  /** The record that made it happen. */
  readonly cause: Cause;
  /** The whole state after the change. */
  readonly state: IncidentState;
}

/**
 * What a transition changed. DETECTED: noticed for the first time. OPENED: became an incident. ESCALATED:
 * became worse. ACKNOWLEDGED: somebody took it. ACK_EXPIRED: the acknowledgement was not followed by a
 * resolution in time. COMMENTED: somebody remarked on it. UPDATED: its counts changed in a window that has
 * closed. RECOVERED: said to be over, waiting whether that holds. RESOLVED: over. REOPENED: came back.
 * TRANSIENT: noticed, and over before it became an incident. CLOSED: over for good. A reader that meets a
 * type it does not know takes it for UPDATED and goes by the state.
 */
export type TransitionType =
  | 'DETECTED'
  | 'OPENED'
  | 'ESCALATED'
  | 'ACKNOWLEDGED'
  | 'ACK_EXPIRED'
  | 'COMMENTED'
  | 'UPDATED'
  | 'RECOVERED'
  | 'RESOLVED'
  | 'REOPENED'
  | 'TRANSIENT'
  | 'CLOSED';

/** Every {@link TransitionType}, in the order of the schema. */
export const TRANSITION_TYPE_SYMBOLS = [
  'DETECTED',
  'OPENED',
  'ESCALATED',
  'ACKNOWLEDGED',
  'ACK_EXPIRED',
  'COMMENTED',
  'UPDATED',
  'RECOVERED',
  'RESOLVED',
  'REOPENED',
  'TRANSIENT',
  'CLOSED',
] as const;

/**
 * The inbox record that made a transition happen: the event, command or tick in whose processing it was
 * decided.
 */
export interface Cause {
  /** Topic of the record. */
  readonly topic: string;
  /** Partition of the record. */
  readonly partition: number;
  /** Offset of the record. */
  readonly offset: number;
  /** Source of the event, where the record holds one. */
  readonly eventSource: string | null;
  /** Id of the event or command, where the record holds one. */
  readonly eventId: string | null;
}
