import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventKind } from '../../../schemas/generated/IncidentEvent.ts';
import { windowKeyOf, windowStartOf } from '../../../topology/windows/time-windows.ts';
import { addToAggregate, emptyAggregate } from '../../../topology/windows/window-aggregate.ts';
import { event, MINUTE_MS, T0 } from '../fixtures.ts';

const correlation = { key: 'shop/checkout', service: 'shop', component: 'checkout' };
const span = { windowStart: T0, windowEnd: T0 + MINUTE_MS };

test('a window counts each kind, its values come from samples, its severity from problems', () => {
  const aggregate = emptyAggregate(correlation, span);
  addToAggregate(aggregate, event({ time: T0 + 5, severity: 'MINOR', value: 1000 }));
  addToAggregate(aggregate, event({ time: T0 + 3, severity: 'MAJOR' }));
  addToAggregate(aggregate, event({ time: T0 + 9, severity: 'CRITICAL', kind: 'SAMPLE', value: 2.5 }));
  addToAggregate(aggregate, event({ time: T0 + 7, severity: 'INFO', kind: 'SAMPLE', value: -1 }));
  addToAggregate(aggregate, event({ time: T0 + 8, severity: 'CRITICAL', kind: 'RECOVERY' }));
  expect(aggregate).toEqual({
    correlationKey: 'shop/checkout',
    service: 'shop',
    component: 'checkout',
    windowStart: T0,
    windowEnd: T0 + MINUTE_MS,
    count: 5,
    problems: 2,
    samples: 2,
    recoveries: 1,
    valueSum: 1.5,
    valueMin: -1,
    valueMax: 2.5,
    highestSeverity: 'MAJOR',
    firstEventTime: T0 + 3,
    lastEventTime: T0 + 9,
  });
});

test('the order of events within a window makes no difference', () => {
  const someEvent = fc.record({
    time: fc.integer({ min: T0, max: T0 + MINUTE_MS - 1 }),
    kind: fc.constantFrom<EventKind>('PROBLEM', 'SAMPLE', 'RECOVERY'),
    severity: fc.constantFrom('INFO' as const, 'MINOR' as const, 'MAJOR' as const, 'CRITICAL' as const),
    value: fc.integer({ min: -1000, max: 1000 }),
  });
  const shuffled = fc
    .array(someEvent, { maxLength: 20 })
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      const aggregateOf = (list: typeof one) =>
        list.reduce(
          (aggregate, fields) => addToAggregate(aggregate, event(fields)),
          emptyAggregate(correlation, span),
        );
      expect(aggregateOf(other)).toEqual(aggregateOf(one));
    }),
  );
});

test('a window starts at a multiple of its width, and its key says when', () => {
  expect(windowStartOf(T0 + 59_999, MINUTE_MS)).toBe(T0);
  expect(windowStartOf(T0 + 60_000, MINUTE_MS)).toBe(T0 + 60_000);
  expect(windowKeyOf({ correlationKey: 'shop/checkout', windowStart: T0 })).toBe(`shop/checkout@${T0}`);
});
