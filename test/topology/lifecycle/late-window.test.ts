import { expect, test } from 'vitest';
import { onEvent } from '../../../topology/lifecycle/on-event.ts';
import { onWindowClosed } from '../../../topology/lifecycle/on-window-closed.ts';
import type { LifecycleContext } from '../../../topology/lifecycle/step.ts';
import { addToAggregate, emptyAggregate } from '../../../topology/windows/window-aggregate.ts';
import { event, HOUR_MS, MINUTE_MS, ruleSet, T0 } from '../fixtures.ts';

test('a window that is handed over late takes effect no earlier than the latest transition', () => {
  const [rule] = ruleSet({ openOnFirst: true, quietMs: null }).rules;
  if (rule === undefined) throw new Error('there is a rule');
  const cause = { topic: 'incident.inbox', partition: 0, offset: 0, eventSource: null, eventId: null };
  const at = (streamTime: number): LifecycleContext => ({ streamTime, rule, graceMs: MINUTE_MS, cause });
  const span = { windowStart: T0, windowEnd: T0 + MINUTE_MS };
  const aggregate = emptyAggregate({ key: 'shop/checkout', service: 'shop', component: 'checkout' }, span);

  const first = event({ time: T0 });
  const opened = onEvent(
    null,
    { event: first, aggregate: addToAggregate(aggregate, first) },
    at(T0 + HOUR_MS),
  );
  const second = event({ time: T0 + 1 });
  const counted = onEvent(
    opened.memory,
    { event: second, aggregate: addToAggregate(aggregate, second) },
    at(T0 + HOUR_MS),
  );
  expect(counted.transitions).toEqual([]);
  expect(onWindowClosed(counted.memory, aggregate, at(T0 + HOUR_MS)).transitions).toMatchObject([
    { type: 'UPDATED', at: T0 + HOUR_MS, version: 3 },
  ]);
});
