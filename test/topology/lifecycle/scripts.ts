import fc from 'fast-check';
import type { EventKind, Severity } from '../../../schemas/generated/IncidentEvent.ts';
import type { OperatorCommand } from '../../../schemas/generated/OperatorCommand.ts';
import { parseRules } from '../../../topology/rules/parse-rules.ts';
import type { RuleSet } from '../../../topology/rules/rule.ts';
import { command, event, MINUTE_MS, ruleJson, ruleSetJson, T0 } from '../fixtures.ts';
import { simulate, type Simulation, type SimulationOptions } from '../simulation.ts';

/** One thing that happens to the partition. Times are relative to the stream time that the script has reached. */
export type Act =
  | {
      readonly act: 'event';
      readonly component: string;
      readonly kind: EventKind;
      readonly severity: Severity;
      readonly aheadMs: number;
      readonly value: number;
      readonly twice: boolean;
    }
  | { readonly act: 'command'; readonly component: string; readonly action: OperatorCommand['action'] }
  | { readonly act: 'tick'; readonly aheadMs: number };

export const COMPONENTS = ['fixed', 'first', 'counts', 'mean', 'max'] as const;

const component = fc.constantFrom(...COMPONENTS);

/** Mostly small steps ahead, some back (within and beyond the grace time), a few long silences. */
const aheadMs = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
  { weight: 4, arbitrary: fc.integer({ min: -70_000, max: 0 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 * MINUTE_MS }) },
);

const tickMs = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 * MINUTE_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 * MINUTE_MS }) },
);

export const script: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        act: fc.constant('event' as const),
        component,
        kind: fc.constantFrom<EventKind>('PROBLEM', 'PROBLEM', 'PROBLEM', 'SAMPLE', 'RECOVERY'),
        severity: fc.constantFrom<Severity>('INFO', 'MINOR', 'MAJOR', 'CRITICAL'),
        aheadMs,
        value: fc.oneof(fc.integer({ min: 9, max: 11 }), fc.constantFrom(100, 0)),
        twice: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant('command' as const),
        component,
        action: fc.constantFrom<OperatorCommand['action']>('ACKNOWLEDGE', 'RESOLVE', 'COMMENT'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant('tick' as const),
        aheadMs: tickMs,
      }),
    },
  ),
  { maxLength: 150, size: 'max' },
);

/** Short times throughout, so that a script of minutes runs through the whole lifecycle. */
export function scriptRules(): RuleSet {
  const common = {
    pendingMs: 3 * MINUTE_MS,
    holdMs: MINUTE_MS,
    quietMs: 5 * MINUTE_MS,
    ackExpiryMs: 4 * MINUTE_MS,
    reopenMs: 6 * MINUTE_MS,
    retentionMs: 15 * MINUTE_MS,
  };
  const adaptive = { deviations: 2, warmupWindows: 2, halfLifeWindows: 5 };
  const rule = (id: string, fields: Record<string, unknown>): Record<string, unknown> =>
    ruleJson({ id, match: { component: id }, ...common, ...fields });
  return parseRules(
    ruleSetJson(
      rule('fixed', { openImmediatelyAt: 'CRITICAL' }),
      rule('first', { openOnFirst: true, openWhen: {}, quietMs: null, holdMs: 10_000 }),
      rule('counts', { openWhen: { adaptive: { ...adaptive, measure: 'problems' } } }),
      rule('mean', { openWhen: { adaptive: { ...adaptive, measure: 'mean', direction: 'either' } } }),
      rule('max', { openWhen: { adaptive: { ...adaptive, measure: 'max' } }, detectOn: 'problem' }),
      ruleJson(),
    ),
  );
}

/** What is looked at after every act. */
export type Observer = (stream: Simulation, streamTime: number) => void;

export function play(acts: readonly Act[], options: SimulationOptions = {}, observe?: Observer): Simulation {
  const stream = simulate(scriptRules(), options);
  let streamTime = T0;
  acts.forEach((act, index) => {
    switch (act.act) {
      case 'event': {
        const { kind, severity, value } = act;
        const time = streamTime + act.aheadMs;
        const sent = event({ id: `e${index}`, component: act.component, time, kind, severity, value });
        stream.send(sent);
        if (act.twice) stream.send(sent);
        streamTime = Math.max(streamTime, time);
        break;
      }
      case 'command': {
        const correlationKey = `shop/${act.component}`;
        const incidentId = stream.incident(correlationKey)?.incidentId ?? 'none';
        stream.command(
          command({ id: `c${index}`, correlationKey, incidentId, action: act.action, comment: 'hm' }),
        );
        break;
      }
      case 'tick':
        streamTime += act.aheadMs;
        stream.advanceTo(streamTime);
        break;
    }
    observe?.(stream, streamTime);
  });
  return stream;
}
