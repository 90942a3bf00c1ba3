import type { IncidentEvent, Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { worseOf } from '../rules/severity.ts';
import { detect } from './detect.ts';
import { change, remember, settle, startDraft, type Draft } from './draft.ts';
import { happen } from './happen.ts';
import { emptyMemory, type LifecycleMemory } from './memory.ts';
import { occurrenceOfEvent, withOccurrence, type Occurrence } from './occurrence.ts';
import { unchanged, type LifecycleContext, type LifecycleStep } from './step.ts';
import { finish, fireDue } from './timers.ts';
import { troubleOf, unsettledProblems, type Trouble } from './trouble.ts';
import { onRecovery } from './on-recovery.ts';

/** An event that the gate let through, and its window, in which it has been counted already. */
export interface EventInput {
  readonly event: IncidentEvent;
  readonly aggregate: WindowAggregate;
}

/** What an applied event changes. What was due before it happens first. */
export function onEvent(
  memory: LifecycleMemory | null,
  input: EventInput,
  context: LifecycleContext,
): LifecycleStep {
  const { event, aggregate } = input;
  const before =
    memory ??
    emptyMemory({ key: aggregate.correlationKey, service: event.service, component: event.component });
  const draft = startDraft(before, context, context.streamTime);
  if (before.nextDueAt !== null && before.nextDueAt <= draft.now) fireDue(draft, draft.now);
  switch (event.kind) {
    case 'PROBLEM':
      onProblem(draft, event, aggregate);
      break;
    case 'SAMPLE':
      onSample(draft, event, aggregate);
      break;
    case 'RECOVERY':
      onRecovery(draft, event);
      break;
  }
  return draft.memory === before ? unchanged(memory) : finish(draft, draft.now);
}

function onProblem(draft: Draft, event: IncidentEvent, aggregate: WindowAggregate): void {
  const { memory, context } = draft;
  const trouble = troubleOf(event, aggregate, memory, context.rule);
  const isNothing = memory.incident === null && trouble === null && context.rule.detectOn === 'threshold';
  if (isNothing) return;
  const severity = worseOf(event.severity, trouble?.severity ?? event.severity);
  const occurrence = occurrenceIn(draft, event, aggregate, { trouble, severity });
  const { recoveredUpTo } = memory;
  if (recoveredUpTo !== null && event.time <= recoveredUpTo) happenedBefore(draft, occurrence, recoveredUpTo);
  else happen(draft, occurrence, trouble);
}

function onSample(draft: Draft, event: IncidentEvent, aggregate: WindowAggregate): void {
  const { memory, context } = draft;
  if (memory.recoveredUpTo !== null && event.time <= memory.recoveredUpTo) return;
  const trouble = troubleOf(event, aggregate, memory, context.rule);
  if (trouble === null || trouble.severity === null) return;
  happen(draft, occurrenceIn(draft, event, aggregate, { trouble, severity: trouble.severity }), trouble);
}

function occurrenceIn(
  draft: Draft,
  event: IncidentEvent,
  aggregate: WindowAggregate,
  judged: { readonly trouble: Trouble | null; readonly severity: Severity },
): Occurrence {
  return occurrenceOfEvent(event, aggregate, {
    unsettled: unsettledProblems(draft.memory, aggregate),
    severity: judged.severity,
    beginsWithWindow: judged.trouble?.until === aggregate.windowEnd,
  });
}

/**
 * A problem that came after the word that it is over. It must not open what nothing would end, and leaves one trace a
 * window.
 */
function happenedBefore(draft: Draft, occurrence: Occurrence, recoveredUpTo: number): void {
  const { incident, settled } = draft.memory;
  if (incident !== null) {
    const grown = withOccurrence(incident, occurrence);
    const heldSince =
      grown.recoveredAt !== null && occurrence.time > grown.recoveredAt ? recoveredUpTo : grown.recoveredAt;
    remember(draft, { incident: { ...grown, recoveredAt: heldSince }, unpublished: true });
    return;
  }
  if (settled !== null && settled.windowEnd >= occurrence.counted.windowEnd) return;
  const pending = detect(draft, occurrence, 'a problem that was over when word of it came');
  settle(draft);
  const reason = 'its recovery had come before it';
  const set = { recoveredAt: recoveredUpTo, closedAt: draft.now };
  change(draft, pending, { type: 'TRANSIENT', to: 'CLOSED', at: draft.now, reason, set });
}
