import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { Rule } from '../rules/rule.ts';
import { windowClosesAt } from '../windows/time-windows.ts';
import type { LifecycleMemory } from './memory.ts';

/** Something that happens by itself when stream time gets to `at`. */
export interface Deadline {
  readonly kind: 'pending-over' | 'held' | 'quiet' | 'ack-expired' | 'retained' | 'forget';
  readonly at: number;
}

/** A baseline that nothing was added to for so many half lives says nothing about today any more. */
const FORGET_AFTER_HALF_LIVES = 10;

/**
 * The next deadline; null where nothing is to happen. None lies before the incident's latest transition. Of two at the
 * same time `held` comes before `quiet`, and either before `ack-expired`.
 */
export function nextDeadline(memory: LifecycleMemory, rule: Rule, graceMs: number): Deadline | null {
  const { incident } = memory;
  if (incident === null) return forgetting(memory, rule, graceMs);
  switch (incident.status) {
    case 'PENDING':
      return notBefore(incident, { kind: 'pending-over', at: incident.lastProblemAt + rule.pendingMs });
    case 'OPEN':
    case 'ACKNOWLEDGED': {
      const over = earlier(held(incident, rule), quiet(memory, incident, rule));
      const next = earlier(over, ackExpired(incident, rule));
      return next === null ? null : notBefore(incident, next);
    }
    case 'RESOLVED':
      return notBefore(incident, { kind: 'retained', at: (incident.resolvedAt ?? 0) + rule.retentionMs });
    case 'CLOSED':
      return null;
  }
}

function held(incident: IncidentState, rule: Rule): Deadline | null {
  return incident.recoveredAt === null ? null : { kind: 'held', at: incident.recoveredAt + rule.holdMs };
}

function quiet(memory: LifecycleMemory, incident: IncidentState, rule: Rule): Deadline | null {
  if (rule.quietMs === null) return null;
  return { kind: 'quiet', at: (memory.troubleUntil ?? incident.lastProblemAt) + rule.quietMs };
}

function ackExpired(incident: IncidentState, rule: Rule): Deadline | null {
  if (rule.ackExpiryMs === null || incident.acknowledgedAt === null) return null;
  return { kind: 'ack-expired', at: incident.acknowledgedAt + rule.ackExpiryMs };
}

/** Without an incident, what is remembered may go once no event that is still accepted could need it. */
function forgetting(memory: LifecycleMemory, rule: Rule, graceMs: number): Deadline | null {
  const { recoveredUpTo, settled, baseline } = memory;
  let at = -Infinity;
  if (recoveredUpTo !== null) at = windowClosesAt(recoveredUpTo + rule.windowMs, graceMs);
  if (settled !== null) at = Math.max(at, windowClosesAt(settled.windowEnd, graceMs));
  if (baseline !== null) {
    const halfLives = (rule.openWhen.adaptive?.halfLifeWindows ?? 0) * FORGET_AFTER_HALF_LIVES;
    const firstWindowEnd = baseline.lastWindowStart + rule.windowMs;
    at = Math.max(at, windowClosesAt(firstWindowEnd, graceMs) + Math.ceil(halfLives) * rule.windowMs);
  }
  return at === -Infinity ? null : { kind: 'forget', at };
}

function notBefore(incident: IncidentState, deadline: Deadline): Deadline {
  return deadline.at >= incident.updatedAt ? deadline : { kind: deadline.kind, at: incident.updatedAt };
}

function earlier(one: Deadline | null, other: Deadline | null): Deadline | null {
  if (one === null || other === null) return one ?? other;
  return other.at < one.at ? other : one;
}
