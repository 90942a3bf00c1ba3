import type { Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState, IncidentStatus } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import type { MaybePromise } from './maybe-promise.ts';

/** Reads the current state of incidents. Those that are CLOSED are history: they are neither listed nor counted. */
export interface IncidentReader {
  incident(incidentId: string): MaybePromise<IncidentState | undefined>;
  /**
   * The incidents that match, in the order asked for. `pageOfIncidents` does this for a reader that holds its
   * incidents in memory.
   * @throws {IncidentCursorError} for a cursor that this reader did not hand out for this order.
   */
  list(query: IncidentQuery): MaybePromise<IncidentPage>;
  /** Every service with incidents that are OPEN or ACKNOWLEDGED. `servicesOf` does this for incidents in memory. */
  services(): MaybePromise<ServicesAnswer>;
  /** The rule of this id as it is loaded now; undefined where there is none. */
  rule(ruleId: string): LoadedRule | undefined;
  /**
   * Transitions of one incident in the order of their versions; undefined where the incident is unknown. A reader
   * without the method has no history, and the API says so.
   */
  timeline?(
    incidentId: string,
    range: TimelineRange,
  ): MaybePromise<readonly IncidentTransition[] | undefined>;
}

/**
 * `severity`: the most severe first, among equals the one whose first problem is youngest. `newest`, `oldest`: by the
 * time of the first problem alone.
 */
export type IncidentOrder = 'severity' | 'newest' | 'oldest';

export interface IncidentQuery {
  /** Any of these; without it, every status. */
  readonly status?: readonly IncidentStatus[];
  /** Any of these; without it, every severity. */
  readonly severity?: readonly Severity[];
  readonly service?: string;
  readonly component?: string;
  /** The first problem was at this time or later. Milliseconds since the epoch. */
  readonly since?: number;
  /** The first problem was before this time. Milliseconds since the epoch. */
  readonly until?: number;
  /** The summary holds this text; capital and small letters are the same. */
  readonly text?: string;
  /** `severity` without it. */
  readonly order?: IncidentOrder;
  /** At most this many incidents. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

export interface IncidentPage {
  readonly incidents: readonly IncidentState[];
  /** Where the next page starts; absent on the last one. */
  readonly nextCursor?: string;
  /** So many incidents were left out of the search, since there are more than one request looks through. 0 without it. */
  readonly notLookedThrough?: number;
}

/** What is wrong now at one service. */
export interface ServiceSummary {
  readonly service: string;
  /** Its incidents that are OPEN or ACKNOWLEDGED. */
  readonly open: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly worstSeverity: Severity;
  /** When one of them changed last. Milliseconds since the epoch. */
  readonly changedAt: number;
}

export interface ServicesAnswer {
  readonly services: readonly ServiceSummary[];
  /** As in `IncidentPage`. */
  readonly notLookedThrough?: number;
}

export interface TimelineRange {
  /** Only versions above this one. */
  readonly afterVersion: number;
  readonly limit: number;
}

/** A rule with its parameters, under the names that they have in the rule file. */
export type LoadedRule = object & { readonly id: string; readonly version: number };
