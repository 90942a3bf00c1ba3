import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { Cause, IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import type { OperatorCommand } from '../../schemas/generated/OperatorCommand.ts';
import { correlationKeyOf } from '../../topology/correlation.ts';
import { classify } from '../../topology/gate/classify.ts';
import type { Outcome } from '../../topology/gate/verdict.ts';
import type { LifecycleMemory } from '../../topology/lifecycle/memory.ts';
import { onCommand } from '../../topology/lifecycle/on-command.ts';
import { onEvent } from '../../topology/lifecycle/on-event.ts';
import { onTime } from '../../topology/lifecycle/on-time.ts';
import { onWindowClosed } from '../../topology/lifecycle/on-window-closed.ts';
import type { LifecycleContext, LifecycleStep } from '../../topology/lifecycle/step.ts';
import type { Rule, RuleSet } from '../../topology/rules/rule.ts';
import { createRuleSelector } from '../../topology/rules/select-rule.ts';
import { windowClosesAt, windowKeyOf, windowStartOf } from '../../topology/windows/time-windows.ts';
import {
  addToAggregate,
  emptyAggregate,
  type RunningAggregate,
} from '../../topology/windows/window-aggregate.ts';

/** One inbox partition, everything kept in maps: the smallest wiring of the pure functions there can be. */
export interface Simulation {
  readonly transitions: IncidentTransition[];
  readonly ledger: Readonly<Record<Outcome, number>>;
  /** Returns the transitions that this event brought about. */
  send(event: IncidentEvent): IncidentTransition[];
  command(command: OperatorCommand): string | null;
  /** A tick: moves stream time to `time`. */
  advanceTo(time: number): IncidentTransition[];
  memory(key?: string): LifecycleMemory | null;
  incident(key?: string): IncidentState | null;
}

export interface SimulationOptions {
  /** Whether timers are looked at with every record, or only when their own key gets one. */
  readonly timers?: 'every-record' | 'own-key';
}

export function simulate(ruleSet: RuleSet, options: SimulationOptions = {}): Simulation {
  const select = createRuleSelector(ruleSet);
  const { limits } = ruleSet;
  const memories = new Map<string, LifecycleMemory>();
  const windows = new Map<string, RunningAggregate>();
  const seen = new Set<string>();
  const transitions: IncidentTransition[] = [];
  const ledger = { applied: 0, duplicate: 0, late: 0, rejected: 0 };
  let streamTime = -Infinity;
  let offset = -1;
  let cause: Cause;

  const contextFor = (rule: Rule): LifecycleContext => ({ streamTime, rule, graceMs: limits.graceMs, cause });
  const keep = (key: string, step: LifecycleStep): void => {
    if (step.memory === null) memories.delete(key);
    else memories.set(key, step.memory);
    transitions.push(...step.transitions);
  };

  function beginRecord(event: IncidentEvent | null): void {
    offset += 1;
    cause = {
      topic: 'incident.inbox',
      partition: 0,
      offset,
      eventSource: event?.source ?? null,
      eventId: event?.id ?? null,
    };
  }

  function passTime(time: number): void {
    streamTime = Math.max(streamTime, time);
    closeWindows();
    if (options.timers === 'own-key') return;
    for (const [key, memory] of [...memories]) {
      keep(key, onTime(memory, contextFor(select(memory.service, memory.component))));
    }
  }

  function closeWindows(): void {
    const closed = [...windows].filter(
      ([, window]) => windowClosesAt(window.windowEnd, limits.graceMs) <= streamTime,
    );
    closed.sort(([, one], [, other]) => one.windowEnd - other.windowEnd);
    for (const [windowKey, window] of closed) {
      windows.delete(windowKey);
      const key = window.correlationKey;
      const rule = select(window.service, window.component);
      keep(key, onWindowClosed(memories.get(key) ?? null, window, contextFor(rule)));
    }
  }

  function since(mark: number): IncidentTransition[] {
    return transitions.slice(mark);
  }

  return {
    transitions,
    ledger,
    send(event) {
      const mark = transitions.length;
      beginRecord(event);
      const name = JSON.stringify([event.source, event.id]);
      // Received when it happened or, where it lags behind, when the stream had got further.
      const receivedAt = Math.max(event.time, streamTime);
      const verdict = classify(event, { receivedAt, streamTime, seen: seen.has(name) }, limits);
      ledger[verdict.outcome] += 1;
      if (verdict.outcome !== 'rejected') seen.add(name);
      if (verdict.outcome !== 'applied') return [];
      passTime(event.time);
      const rule = select(event.service, event.component);
      const key = correlationKeyOf(event);
      const windowStart = windowStartOf(event.time, rule.windowMs);
      const windowKey = windowKeyOf({ correlationKey: key, windowStart });
      const correlation = { key, service: event.service, component: event.component };
      const span = { windowStart, windowEnd: windowStart + rule.windowMs };
      const aggregate = addToAggregate(
        { ...(windows.get(windowKey) ?? emptyAggregate(correlation, span)) },
        event,
      );
      windows.set(windowKey, aggregate);
      keep(key, onEvent(memories.get(key) ?? null, { event, aggregate }, contextFor(rule)));
      return since(mark);
    },
    command(wanted) {
      beginRecord(null);
      const memory = memories.get(wanted.correlationKey) ?? null;
      const rule = select(memory?.service ?? '', memory?.component ?? '');
      const step = onCommand(memory, wanted, contextFor(rule));
      keep(wanted.correlationKey, step);
      return step.refusal?.reason ?? null;
    },
    advanceTo(time) {
      const mark = transitions.length;
      beginRecord(null);
      passTime(time);
      return since(mark);
    },
    memory: (key = 'shop/checkout') => memories.get(key) ?? null,
    incident: (key = 'shop/checkout') => memories.get(key)?.incident ?? null,
  };
}

/** What happened, in short: the types in order. */
export function types(transitions: readonly IncidentTransition[]): string[] {
  return transitions.map((transition) => transition.type);
}
