import {
  StreamsBuilder,
  bytesSerde,
  dedupeStore,
  jsonSerde,
  keyValueStore,
  stringSerde,
  tumblingWindows,
  windowStore,
} from '@incident-streams/streams';
import type { KStream, Topology } from '@incident-streams/streams';
import type { EventVerdict } from '../schemas/generated/EventVerdict.ts';
import type { IncidentEvent } from '../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../schemas/generated/IncidentState.ts';
import type { Serdes } from '../schemas/serdes.ts';
import { withBytes } from '../schemas/with-bytes.ts';
import { correlationKeyOf } from './correlation.ts';
import { GateProcessor } from './gate/gate-processor.ts';
import type { Judged } from './gate/gate-processor.ts';
import { inboxTime } from './gate/inbox-time.ts';
import { RequireValueProcessor } from './gate/require-value.ts';
import { LifecycleProcessor } from './lifecycle/lifecycle-processor.ts';
import type { LifecycleInput, LifecycleStores } from './lifecycle/lifecycle-processor.ts';
import type { LifecycleMemory } from './lifecycle/memory.ts';
import type { RuleSet } from './rules/rule.ts';
import { createRuleSelector } from './rules/select-rule.ts';
import { SINKS, TOPICS, webhookSink } from './topics.ts';
import { windowKeyOf, windowStartOf } from './windows/time-windows.ts';
import { addToAggregate, emptyAggregate } from './windows/window-aggregate.ts';
import type { RunningAggregate } from './windows/window-aggregate.ts';

export interface IncidentTopology {
  readonly topology: Topology;
  /** The stores, for queries. */
  readonly stores: LifecycleStores;
}

export interface IncidentTopologyOptions {
  /** Names of the targets that alerts are posted to: a sink for each, since each has a pace of its own. Default: none. */
  readonly webhooks?: readonly string[];
}

/**
 * The incident pipeline, declared: events → inbox → gate → windows → lifecycle → state, transitions, windows,
 * verdicts → sinks. What it decides, and why, is in the functions beside it; here is only what follows what.
 */
export function incidentTopology(
  ruleSet: RuleSet,
  serdes: Serdes,
  { webhooks = [] }: IncidentTopologyOptions = {},
): IncidentTopology {
  const builder = new StreamsBuilder({ deadLetterTopic: TOPICS.deadLetters });
  builder.deadLetters().toSink(SINKS.deadLetterHistory);
  routeEvents(builder, serdes);
  const { verdicts, commands } = judge(builder, ruleSet, serdes);
  verdicts
    .to(TOPICS.verdicts, { key: stringSerde, value: serdes.eventVerdict, name: 'event-verdicts' })
    .toSink(SINKS.eventHistory);
  const events = verdicts
    .filter((_key, verdict) => verdict.outcome === 'APPLIED', { name: 'applied' })
    .mapValues(({ event }) => event, { name: 'applied-events' });

  const windows = countInWindows(events, ruleSet, serdes);
  const stores = lifecycleStores(windows.stores);
  windows.closed
    .map((_key, aggregate) => [windowKeyOf(aggregate), aggregate], { name: 'window-key' })
    .to(TOPICS.windows, { key: stringSerde, value: serdes.windowAggregate, name: 'window-results' })
    .toSink(SINKS.windowHistory);

  const inputs = windows.closed
    .mapValues<LifecycleInput>((aggregate) => ({ type: 'window-closed', aggregate }), {
      name: 'closed-windows',
    })
    .merge(
      events.mapValues<LifecycleInput>((event) => ({ type: 'event', event }), { name: 'counted-events' }),
    )
    .merge(commands, { name: 'lifecycle-inputs' });
  const transitions = inputs.processValues(() => new LifecycleProcessor(ruleSet, stores), {
    name: 'lifecycle',
    stores: [stores.memories, stores.timers, ...stores.windows.values()],
  });
  const currentStates = transitions
    .mapValues<IncidentState | null>((transition) => (transition.to === 'CLOSED' ? null : transition.state), {
      name: 'current-state',
    })
    .to(TOPICS.state, {
      key: stringSerde,
      value: serdes.incidentState,
      name: 'incident-state',
    });
  const told = transitions
    .to(TOPICS.transitions, {
      key: stringSerde,
      value: serdes.incidentTransition,
      name: 'incident-transitions',
    })
    .toSink(SINKS.redis, { snapshot: currentStates })
    .toSink(SINKS.transitionHistory);
  for (const name of webhooks) told.toSink(webhookSink(name));
  return { topology: builder.build(), stores };
}

/**
 * Upstreams partition as they like; in the inbox whatever concerns one incident lies in one partition, in one order.
 * The bytes go on as they came: what a newer upstream adds to an event is not lost here.
 */
function routeEvents(builder: StreamsBuilder, serdes: Serdes): void {
  builder
    .stream(TOPICS.events, { key: bytesSerde, value: withBytes(serdes.incidentEvent), name: 'events' })
    .processValues(() => new RequireValueProcessor(), { name: 'with-value' })
    .map((_key, { value: event, bytes }) => [correlationKeyOf(event), bytes], { name: 'route' })
    .to(TOPICS.inbox, { key: stringSerde, value: bytesSerde, name: 'to-inbox' });
}

function judge(builder: StreamsBuilder, ruleSet: RuleSet, serdes: Serdes) {
  const { limits } = ruleSet;
  // Its content follows from the inbox, which is kept for longer than it reaches back.
  const seen = dedupeStore({ name: 'seen-events', withinMs: limits.dedupeWithinMs, recovery: 'input' });
  const judged = builder
    .stream(TOPICS.inbox, {
      key: stringSerde,
      value: serdes.inboxEntry,
      timestamp: ({ value, timestamp }) => inboxTime(value, timestamp, limits),
      name: 'inbox',
    })
    .processValues<Judged>(() => new GateProcessor(limits, seen), { name: 'gate', stores: [seen] })
    .split(
      [
        { name: 'verdicts', when: (_key, value) => value.type === 'verdict' },
        { name: 'commands', when: (_key, value) => value.type === 'command' },
      ],
      { name: 'judged' },
    );
  return {
    verdicts: judged.verdicts.mapValues((value) => verdictOf(value), { name: 'verdicts' }),
    commands: judged.commands.mapValues((value) => value as LifecycleInput, { name: 'commands' }),
  };
}

/** One windowed aggregate for each width that a rule asks for. */
function countInWindows(events: KStream<string, IncidentEvent>, ruleSet: RuleSet, serdes: Serdes) {
  const ruleOf = createRuleSelector(ruleSet);
  const widths = [...new Set(ruleSet.rules.map((rule) => rule.windowMs))].sort((a, b) => a - b);
  const branches = events.split(
    widths.map((width) => ({
      name: `${width}`,
      when: (_key: string, event: IncidentEvent) => ruleOf(event.service, event.component).windowMs === width,
    })),
    { name: 'window-width' },
  );
  const tables = widths.map((width) => {
    const branch = branches[`${width}`];
    if (branch === undefined) throw new TypeError(`no branch for windows of ${width} ms`);
    return { width, table: tumblingAggregate(branch, width, ruleSet, serdes) };
  });
  const closed = tables
    .map(({ table }) => table.toStream().map((window, aggregate) => [window.key, aggregate] as const))
    .reduce((all, some) => all.merge(some));
  return { closed, stores: new Map(tables.map(({ width, table }) => [width, table.store] as const)) };
}

function tumblingAggregate(
  events: KStream<string, IncidentEvent>,
  sizeMs: number,
  ruleSet: RuleSet,
  serdes: Serdes,
) {
  const { graceMs } = ruleSet.limits;
  return events
    .groupByKey({ key: stringSerde, value: serdes.incidentEvent })
    .windowedBy(tumblingWindows({ sizeMs, graceMs }), { emit: 'on-window-close' })
    .aggregate<RunningAggregate>(
      (key, event) => {
        const windowStart = windowStartOf(event.time, sizeMs);
        const { service, component } = event;
        return emptyAggregate({ key, service, component }, { windowStart, windowEnd: windowStart + sizeMs });
      },
      (_key, event, aggregate) => addToAggregate(aggregate, event),
      { aggregate: serdes.windowAggregate, name: `windows-${sizeMs}ms` },
    );
}

function lifecycleStores(windows: LifecycleStores['windows']): LifecycleStores {
  return {
    memories: keyValueStore({ name: 'incidents', key: stringSerde, value: jsonSerde<LifecycleMemory>() }),
    timers: windowStore({ name: 'incident-timers', key: stringSerde, value: jsonSerde<null>() }),
    windows,
  };
}

function verdictOf(value: Judged): EventVerdict {
  if (value.type === 'command') throw new TypeError('a command among the verdicts');
  return value.verdict;
}
