import type { IncidentEvent, Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { breachesWhileRunning, type Breach } from '../baseline/breach.ts';
import type { Rule } from '../rules/rule.ts';
import { isAtLeast } from '../rules/severity.ts';
import type { LifecycleMemory } from './memory.ts';

/** What makes an incident, or keeps one going. */
export interface Trouble {
  readonly reason: string;
  /** Quiet begins after this event time. */
  readonly until: number;
  /** How bad the rule calls it; null where it leaves that to the event. */
  readonly severity: Severity | null;
}

/** The problems of a window that do not belong to what is over. */
export function unsettledProblems(memory: LifecycleMemory, aggregate: WindowAggregate): number {
  const { settled } = memory;
  if (settled === null || aggregate.windowEnd > settled.windowEnd) return aggregate.problems;
  return aggregate.windowEnd === settled.windowEnd ? aggregate.problems - settled.problems : 0;
}

/**
 * The trouble that an event makes, by itself or with what its window held before; null where it makes none, or none
 * beyond what is known of its window.
 */
export function troubleOf(
  event: IncidentEvent,
  aggregate: WindowAggregate,
  memory: LifecycleMemory,
  rule: Rule,
): Trouble | null {
  if (event.kind === 'PROBLEM') {
    const direct = directTrouble(event, rule);
    if (direct !== null) return direct;
  }
  if (isKnown(memory, aggregate)) return null;
  const breach = breachesWhileRunning(event, unsettledProblems(memory, aggregate), memory.baseline, rule);
  return breach === null ? null : troubleOfBreach(breach, aggregate);
}

export function troubleOfBreach(breach: Breach, aggregate: WindowAggregate): Trouble {
  return { reason: breach.reason, until: aggregate.windowEnd, severity: breach.severity };
}

function directTrouble(event: IncidentEvent, rule: Rule): Trouble | null {
  if (rule.openOnFirst)
    return { reason: 'every problem opens an incident here', until: event.time, severity: null };
  const least = rule.openImmediatelyAt;
  if (least === null || !isAtLeast(event.severity, least)) return null;
  const reason = `a ${event.severity} problem opens at once (from ${least} on)`;
  return { reason, until: event.time, severity: null };
}

/** Most events of an outage come in windows that are known to be beyond their threshold: nothing to find out again. */
function isKnown(memory: LifecycleMemory, aggregate: WindowAggregate): boolean {
  const { incident, troubleUntil } = memory;
  if (incident === null || troubleUntil === null || incident.recoveredAt !== null) return false;
  return (
    (incident.status === 'OPEN' || incident.status === 'ACKNOWLEDGED') && troubleUntil >= aggregate.windowEnd
  );
}
