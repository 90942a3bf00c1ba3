import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { formatDuration } from '../rules/format-duration.ts';
import { nextDeadline, type Deadline } from './deadlines.ts';
import { change, remember, settle, type Draft } from './draft.ts';
import { emptyMemory } from './memory.ts';
import type { LifecycleStep } from './step.ts';

/**
 * Lets everything happen that is due at or before `time`, in order, each as of when it was due: how late or how often
 * timers are looked at makes no difference to the history.
 */
export function fireDue(draft: Draft, time: number): void {
  const { rule, graceMs } = draft.context;
  let due = nextDeadline(draft.memory, rule, graceMs);
  while (due !== null && due.at <= time) {
    if (draft.memory.incident === null) return forget(draft);
    fire(draft, draft.memory.incident, due);
    due = nextDeadline(draft.memory, rule, graceMs);
  }
}

function forget(draft: Draft): void {
  const { correlationKey: key, service, component } = draft.memory;
  draft.memory = emptyMemory({ key, service, component });
}

function fire(draft: Draft, incident: IncidentState, due: Deadline): void {
  const { rule } = draft.context;
  const { at } = due;
  switch (due.kind) {
    case 'pending-over': {
      const reason = `no further problem for ${formatDuration(rule.pendingMs)}, and it was not enough for an incident`;
      // Not settled: what was too little by itself may still add up with the rest of its window.
      change(draft, incident, { type: 'TRANSIENT', to: 'CLOSED', at, reason, set: { closedAt: at } });
      return;
    }
    case 'held': {
      const reason = `recovered, and that held for ${formatDuration(rule.holdMs)}`;
      settle(draft);
      change(draft, incident, { type: 'RESOLVED', to: 'RESOLVED', at, reason, set: { resolvedAt: at } });
      return;
    }
    case 'quiet': {
      const reason = `quiet for ${formatDuration(rule.quietMs ?? 0)}`;
      settle(draft);
      change(draft, incident, { type: 'RESOLVED', to: 'RESOLVED', at, reason, set: { resolvedAt: at } });
      return;
    }
    case 'ack-expired': {
      const who = incident.acknowledgedBy ?? 'somebody';
      const reason = `acknowledged by ${who}, but not resolved within ${formatDuration(rule.ackExpiryMs ?? 0)}`;
      const set = { acknowledgedAt: null, acknowledgedBy: null };
      change(draft, incident, { type: 'ACK_EXPIRED', to: 'OPEN', at, reason, set });
      return;
    }
    case 'retained': {
      const reason = `resolved for ${formatDuration(rule.retentionMs)}`;
      change(draft, incident, { type: 'CLOSED', to: 'CLOSED', at, reason, set: { closedAt: at } });
      return;
    }
    case 'forget':
      return;
  }
}

/** Ends a step: fires what is due up to `time`, sets the next timer, and forgets a key that has nothing to remember. */
export function finish(draft: Draft, time: number): LifecycleStep {
  fireDue(draft, time);
  const { rule, graceMs } = draft.context;
  const next = nextDeadline(draft.memory, rule, graceMs);
  if (draft.memory.incident === null && next === null)
    return { memory: null, transitions: draft.transitions, nextDueAt: null };
  const nextDueAt = next?.at ?? null;
  if (nextDueAt !== draft.memory.nextDueAt) remember(draft, { nextDueAt });
  return { memory: draft.memory, transitions: draft.transitions, nextDueAt };
}
