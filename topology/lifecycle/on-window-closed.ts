import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { learn, type Baseline } from '../baseline/baseline.ts';
import { breaches, type Breach } from '../baseline/breach.ts';
import { isJudgedWhileRunning, measureOf } from '../baseline/measure.ts';
import type { Rule } from '../rules/rule.ts';
import { windowClosesAt } from '../windows/time-windows.ts';
import { change, effectiveAt, remember, startDraft, type Draft } from './draft.ts';
import { happen } from './happen.ts';
import { emptyMemory, type LifecycleMemory } from './memory.ts';
import { occurrenceOfWindow } from './occurrence.ts';
import { unchanged, type LifecycleContext, type LifecycleStep } from './step.ts';
import { finish, fireDue } from './timers.ts';
import { troubleOfBreach, unsettledProblems } from './trouble.ts';

/**
 * What a window changes once it is final: it is judged where it could not be judged while it ran, what is usual is
 * learned from it, and the counts of an active incident are published. It takes effect when the window closed, after
 * the timers that were due earlier.
 */
export function onWindowClosed(
  memory: LifecycleMemory | null,
  aggregate: WindowAggregate,
  context: LifecycleContext,
): LifecycleStep {
  const { correlationKey: key, service, component } = aggregate;
  const before = memory ?? emptyMemory({ key, service, component });
  const closedAt = windowClosesAt(aggregate.windowEnd, context.graceMs);
  const draft = startDraft(before, context, closedAt);
  // Of a timer and a window at the same time the window comes first: it may be what the timer waits for.
  if (before.nextDueAt !== null && before.nextDueAt < closedAt) fireDue(draft, closedAt - 1);

  const breach = breaches(aggregate, draft.memory.baseline, context.rule);
  if (breach !== null) judge(draft, aggregate, breach);
  const { incident, unpublished } = draft.memory;
  if (incident !== null && unpublished && isActive(incident)) publishCounts(draft, incident, breach);
  const baseline = learnFrom(aggregate, draft.memory.baseline, {
    rule: context.rule,
    breaching: breach !== null,
  });
  if (baseline !== draft.memory.baseline) remember(draft, { baseline });

  return draft.memory === before ? unchanged(memory) : finish(draft, closedAt - 1);
}

/** A breach that could be known while the window ran is no news; one that began before a recovery may be over. */
function judge(draft: Draft, aggregate: WindowAggregate, breach: Breach): void {
  const { adaptive } = draft.context.rule.openWhen;
  if (breach.severity === null || adaptive === null || isJudgedWhileRunning(adaptive)) return;
  const { recoveredUpTo } = draft.memory;
  if (recoveredUpTo !== null && aggregate.windowStart < recoveredUpTo) return;
  const occurrence = occurrenceOfWindow(aggregate, {
    unsettled: unsettledProblems(draft.memory, aggregate),
    severity: breach.severity,
    reason: breach.reason,
  });
  happen(draft, occurrence, troubleOfBreach(breach, aggregate));
}

function publishCounts(draft: Draft, incident: IncidentState, breach: Breach | null): void {
  const at = effectiveAt(draft, incident);
  const reason = breach?.reason ?? `${incident.problemCount} problems so far`;
  change(draft, incident, { type: 'UPDATED', to: incident.status, at, reason });
}

function learnFrom(
  aggregate: WindowAggregate,
  baseline: Baseline | null,
  judged: { readonly rule: Rule; readonly breaching: boolean },
): Baseline | null {
  const { adaptive } = judged.rule.openWhen;
  if (adaptive === null) return null;
  const value = measureOf(aggregate, adaptive.measure);
  if (value === null) return baseline;
  const { windowStart } = aggregate;
  const { windowMs } = judged.rule;
  return learn(baseline, { windowStart, windowMs, value, breaching: judged.breaching }, adaptive);
}

function isActive(incident: IncidentState): boolean {
  return incident.status === 'OPEN' || incident.status === 'ACKNOWLEDGED';
}
