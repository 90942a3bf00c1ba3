import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { Correlation } from '../correlation.ts';

/**
 * Everything that the lifecycle remembers about one correlation key: the incident, and what the next decision needs
 * beyond it. A plain object, never changed in place, so that a store can keep it as it is.
 */
export interface LifecycleMemory {
  readonly correlationKey: string;
  readonly service: string;
  readonly component: string;
  /** The incident as it stands; its counts may be ahead of its latest transition. Null where there is none. */
  readonly incident: IncidentState | null;
  /** Whether counts changed since the latest transition, so that the next closed window publishes them. */
  readonly unpublished: boolean;
  /** The end of the latest trouble: the time of a problem that opens by itself, the end of a breaching window. */
  readonly troubleUntil: number | null;
  /** Problems up to this event time are known to be over: by a recovery, or by an operator's word. */
  readonly recoveredUpTo: number | null;
  /** The problems of the latest window that the incident has seen. */
  readonly counted: CountedProblems | null;
  /** The problems of a window that belong to what is over: they cannot make another incident. */
  readonly settled: CountedProblems | null;
  readonly baseline: Baseline | null;
  /** Stream time at which the next timer is due: hand the memory to `onTime` then. Null: never. */
  readonly nextDueAt: number | null;
}

export interface CountedProblems {
  readonly windowEnd: number;
  readonly problems: number;
}

export function emptyMemory(correlation: Correlation): LifecycleMemory {
  return {
    correlationKey: correlation.key,
    service: correlation.service,
    component: correlation.component,
    incident: null,
    unpublished: false,
    troubleUntil: null,
    recoveredUpTo: null,
    counted: null,
    settled: null,
    baseline: null,
    nextDueAt: null,
  };
}
