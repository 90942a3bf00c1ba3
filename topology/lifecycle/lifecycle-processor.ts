import type {
  KeyValueStore,
  Processor,
  ProcessorContext,
  StoreBuilder,
  StreamRecord,
  WindowStore,
} from '@incident-streams/streams';
import { NO_HEADERS } from '@incident-streams/streams';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { Cause, IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import type { OperatorCommand } from '../../schemas/generated/OperatorCommand.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { CommandRefusedError } from '../errors.ts';
import type { Rule, RuleSet } from '../rules/rule.ts';
import { createRuleSelector } from '../rules/select-rule.ts';
import type { RuleSelector } from '../rules/select-rule.ts';
import { windowStartOf } from '../windows/time-windows.ts';
import type { RunningAggregate } from '../windows/window-aggregate.ts';
import type { LifecycleMemory } from './memory.ts';
import { onCommand } from './on-command.ts';
import { onEvent } from './on-event.ts';
import { onTime } from './on-time.ts';
import { onWindowClosed } from './on-window-closed.ts';
import type { LifecycleContext, LifecycleStep } from './step.ts';

/** Whatever changes an incident. The windows have counted an event before it comes here. */
export type LifecycleInput =
  | { readonly type: 'event'; readonly event: IncidentEvent }
  | { readonly type: 'command'; readonly command: OperatorCommand }
  | { readonly type: 'window-closed'; readonly aggregate: WindowAggregate };

export interface LifecycleStores {
  /** What is remembered of each correlation key. */
  readonly memories: StoreBuilder<KeyValueStore<string, LifecycleMemory>>;
  /** When each key wants to be woken, under its stream time. */
  readonly timers: StoreBuilder<WindowStore<string, null>>;
  /** The running windows, by their width in milliseconds. */
  readonly windows: ReadonlyMap<number, StoreBuilder<WindowStore<string, RunningAggregate>>>;
}

/** Holds the lifecycle's memory and timers in stores, and turns its decisions into records. It decides nothing. */
export class LifecycleProcessor implements Processor<string, LifecycleInput, string, IncidentTransition> {
  readonly #ruleSet: RuleSet;
  readonly #stores: LifecycleStores;
  readonly #ruleOf: RuleSelector;
  #context!: ProcessorContext<string, IncidentTransition>;
  #memories!: KeyValueStore<string, LifecycleMemory>;
  #timers!: WindowStore<string, null>;
  readonly #windows = new Map<number, WindowStore<string, RunningAggregate>>();
  /** Nothing is due before this stream time. */
  #nextDueAt = Infinity;

  constructor(ruleSet: RuleSet, stores: LifecycleStores) {
    this.#ruleSet = ruleSet;
    this.#stores = stores;
    this.#ruleOf = createRuleSelector(ruleSet);
  }

  init(context: ProcessorContext<string, IncidentTransition>): void {
    this.#context = context;
    this.#memories = context.store(this.#stores.memories);
    this.#timers = context.store(this.#stores.timers);
    for (const [windowMs, builder] of this.#stores.windows)
      this.#windows.set(windowMs, context.store(builder));
    this.#nextDueAt = this.#timers.oldestStart() ?? Infinity;
    context.onStreamTimeAdvance((streamTime) => {
      if (streamTime >= this.#nextDueAt) this.#fireTimers(streamTime);
    });
  }

  process(record: StreamRecord<string, LifecycleInput>): void {
    const { key, value: input } = record;
    switch (input.type) {
      case 'event':
        return this.#onEvent(key, input.event);
      case 'window-closed':
        return this.#onWindowClosed(key, input.aggregate);
      case 'command':
        return this.#onCommand(key, input.command);
    }
  }

  #onEvent(key: string, event: IncidentEvent): void {
    const rule = this.#ruleOf(event.service, event.component);
    const aggregate = this.#windows.get(rule.windowMs)?.get(key, windowStartOf(event.time, rule.windowMs));
    if (aggregate === undefined)
      throw new Error(`the event ${event.source} ${event.id} was not counted in its window`);
    const memory = this.#memories.get(key) ?? null;
    this.#keep(key, memory, onEvent(memory, { event, aggregate }, this.#contextFor(rule, event)));
  }

  #onWindowClosed(key: string, aggregate: WindowAggregate): void {
    const memory = this.#memories.get(key) ?? null;
    const context = this.#contextFor(this.#ruleOf(aggregate.service, aggregate.component), null);
    this.#keep(key, memory, onWindowClosed(memory, aggregate, context));
  }

  #onCommand(key: string, command: OperatorCommand): void {
    const memory = this.#memories.get(key) ?? null;
    const rule = this.#ruleOf(memory?.service ?? '', memory?.component ?? '');
    const step = onCommand(memory, command, this.#contextFor(rule, null));
    this.#keep(key, memory, step);
    if (step.refusal !== null) this.#context.deadLetter(new CommandRefusedError(step.refusal.reason));
  }

  #fireTimers(streamTime: number): void {
    const due = [...this.#timers.startedBefore(streamTime + 1)];
    for (const { key, windowStartMs } of due) {
      const memory = this.#memories.get(key) ?? null;
      if (memory === null || memory.nextDueAt !== windowStartMs) continue;
      const rule = this.#ruleOf(memory.service, memory.component);
      this.#keep(key, memory, onTime(memory, this.#contextFor(rule, null)));
    }
    this.#nextDueAt = this.#timers.oldestStart() ?? Infinity;
  }

  #keep(key: string, before: LifecycleMemory | null, step: LifecycleStep): void {
    if (step.memory !== before) {
      if (step.memory === null) this.#memories.delete(key);
      else this.#memories.put(key, step.memory);
      this.#setTimer(key, before?.nextDueAt ?? null, step.nextDueAt);
    }
    const timestamp = this.#context.streamTimeMs();
    for (const transition of step.transitions)
      this.#context.forward({ key, value: transition, timestamp, headers: NO_HEADERS });
  }

  #setTimer(key: string, before: number | null, after: number | null): void {
    if (before === after) return;
    if (before !== null) this.#timers.delete(key, before);
    if (after === null) return;
    this.#timers.put(key, after, null);
    if (after < this.#nextDueAt) this.#nextDueAt = after;
  }

  #contextFor(rule: Rule, event: IncidentEvent | null): LifecycleContext {
    return {
      streamTime: this.#context.streamTimeMs(),
      rule,
      graceMs: this.#ruleSet.limits.graceMs,
      cause: this.#causeOf(event),
    };
  }

  #causeOf(event: IncidentEvent | null): Cause {
    const position = this.#context.position();
    return {
      topic: position?.topic ?? '',
      partition: position?.partition ?? this.#context.partition,
      offset: position?.offset ?? -1,
      eventSource: event?.source ?? null,
      eventId: event?.id ?? null,
    };
  }
}
