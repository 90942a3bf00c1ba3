import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { OperatorCommand } from '../../schemas/generated/OperatorCommand.ts';
import { change, effectiveAt, remember, settle, startDraft, type Draft } from './draft.ts';
import type { LifecycleMemory } from './memory.ts';
import { unchanged, type CommandStep, type LifecycleContext } from './step.ts';
import { finish, fireDue } from './timers.ts';

/**
 * What an operator's command changes. What was due before it happens first. A command that cannot be carried out is
 * refused with a reason and changes nothing else.
 */
export function onCommand(
  memory: LifecycleMemory | null,
  command: OperatorCommand,
  context: LifecycleContext,
): CommandStep {
  if (memory === null)
    return { ...unchanged(null), refusal: { commandId: command.id, reason: unknown(command) } };
  const draft = startDraft(memory, context, context.streamTime);
  if (memory.nextDueAt !== null && memory.nextDueAt <= draft.now) fireDue(draft, draft.now);
  const reason = carryOut(draft, command);
  const step = draft.memory === memory ? unchanged(memory) : finish(draft, draft.now);
  return { ...step, refusal: reason === null ? null : { commandId: command.id, reason } };
}

/** Null, or why the command was refused. */
function carryOut(draft: Draft, command: OperatorCommand): string | null {
  const { incident } = draft.memory;
  if (incident === null || incident.incidentId !== command.incidentId) return unknown(command);
  switch (command.action) {
    case 'ACKNOWLEDGE':
      return acknowledge(draft, incident, command);
    case 'RESOLVE':
      return resolve(draft, incident, command);
    case 'COMMENT':
      return comment(draft, incident, command);
  }
}

function acknowledge(draft: Draft, incident: IncidentState, command: OperatorCommand): string | null {
  const { actor } = command;
  if (incident.status === 'ACKNOWLEDGED') {
    return `incident ${incident.incidentId} is acknowledged already, by ${incident.acknowledgedBy ?? 'somebody'}`;
  }
  if (incident.status !== 'OPEN')
    return `incident ${incident.incidentId} is ${incident.status}: only OPEN can be acknowledged`;
  const at = effectiveAt(draft, incident);
  change(draft, incident, {
    type: 'ACKNOWLEDGED',
    to: 'ACKNOWLEDGED',
    at,
    reason: `acknowledged by ${actor}`,
    actor,
    comment: command.comment,
    set: { acknowledgedAt: at, acknowledgedBy: actor },
  });
  return null;
}

function resolve(draft: Draft, incident: IncidentState, command: OperatorCommand): string | null {
  if (incident.status === 'RESOLVED') return `incident ${incident.incidentId} is resolved already`;
  const { actor } = command;
  const at = effectiveAt(draft, incident);
  const by = { at, reason: `resolved by ${actor}`, actor, comment: command.comment };
  settle(draft);
  if (incident.status === 'PENDING') {
    change(draft, incident, { ...by, type: 'TRANSIENT', to: 'CLOSED', set: { closedAt: at } });
  } else {
    change(draft, incident, { ...by, type: 'RESOLVED', to: 'RESOLVED', set: { resolvedAt: at } });
  }
  remember(draft, { recoveredUpTo: Math.max(draft.memory.recoveredUpTo ?? at, at) });
  return null;
}

function comment(draft: Draft, incident: IncidentState, command: OperatorCommand): string | null {
  const { actor } = command;
  if ((command.comment ?? '').trim() === '') return 'a comment without words says nothing';
  change(draft, incident, {
    type: 'COMMENTED',
    to: incident.status,
    at: effectiveAt(draft, incident),
    reason: `comment by ${actor}`,
    actor,
    comment: command.comment,
  });
  return null;
}

function unknown(command: OperatorCommand): string {
  return `there is no incident ${command.incidentId} under ${command.correlationKey}: unknown, or closed already`;
}
