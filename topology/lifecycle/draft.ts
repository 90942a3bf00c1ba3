import type { IncidentState, IncidentStatus } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition, TransitionType } from '../../schemas/generated/IncidentTransition.ts';
import type { LifecycleMemory } from './memory.ts';
import type { LifecycleContext } from './step.ts';

/**
 * A step under construction: the memory as it stands so far and the transitions so far. It lives within one call;
 * the objects that it points to are replaced, never changed.
 */
export interface Draft {
  memory: LifecycleMemory;
  readonly transitions: IncidentTransition[];
  readonly context: LifecycleContext;
  /** The stream time at which the input takes effect. */
  readonly now: number;
}

export function startDraft(memory: LifecycleMemory, context: LifecycleContext, now: number): Draft {
  return { memory, transitions: [], context, now };
}

/** When a change of an incident takes effect: now, but never before its latest transition. */
export function effectiveAt(draft: Draft, incident: IncidentState): number {
  return Math.max(draft.now, incident.updatedAt);
}

export function remember(draft: Draft, change: Partial<LifecycleMemory>): void {
  draft.memory = { ...draft.memory, ...change };
}

/** What the incident has seen of the running window is over with it: see `LifecycleMemory.settled`. */
export function settle(draft: Draft): void {
  remember(draft, { settled: draft.memory.counted });
}

/** One change of an incident on its way into the history. */
export interface Change {
  readonly type: TransitionType;
  readonly to: IncidentStatus;
  /** Stream time, not before the incident's latest transition: see `effectiveAt`. */
  readonly at: number;
  readonly reason: string;
  readonly actor?: string;
  readonly comment?: string | null;
  /** What else changes in the state. */
  readonly set?: Partial<IncidentState>;
}

/** Changes the incident that is there and returns its new state. CLOSED leaves none behind in the memory. */
export function change(draft: Draft, incident: IncidentState, wanted: Change): IncidentState {
  return record(draft, incident.status, { ...incident, ...wanted.set }, wanted);
}

/** Begins an incident: `fresh` is its state before version 1. */
export function begin(draft: Draft, fresh: IncidentState, wanted: Change): IncidentState {
  return record(draft, null, fresh, wanted);
}

function record(
  draft: Draft,
  from: IncidentStatus | null,
  base: IncidentState,
  wanted: Change,
): IncidentState {
  const { rule, cause } = draft.context;
  const { at } = wanted;
  const state: IncidentState = {
    ...base,
    status: wanted.to,
    version: base.version + 1,
    ruleId: rule.id,
    ruleVersion: rule.version,
    updatedAt: at,
  };
  draft.transitions.push({
    incidentId: state.incidentId,
    correlationKey: state.correlationKey,
    version: state.version,
    type: wanted.type,
    from,
    to: wanted.to,
    at,
    reason: wanted.reason,
    ruleId: rule.id,
    ruleVersion: rule.version,
    actor: wanted.actor ?? 'system',
    comment: wanted.comment ?? null,
    cause,
    state,
  });
  if (wanted.to === 'CLOSED') remember(draft, { incident: null, unpublished: false, counted: null });
  else remember(draft, { incident: state, unpublished: false });
  return state;
}
