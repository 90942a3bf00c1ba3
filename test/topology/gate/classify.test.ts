import { describe, expect, test } from 'vitest';
import { classify } from '../../../topology/gate/classify.ts';
import type { Verdict } from '../../../topology/gate/verdict.ts';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import { event, HOUR_MS, MINUTE_MS, ruleSet, T0 } from '../fixtures.ts';

const { limits } = ruleSet();

function verdict(
  fields: Partial<IncidentEvent>,
  context: { streamTime?: number; seen?: boolean } = {},
): Verdict {
  return classify(event(fields), { receivedAt: T0, streamTime: T0, seen: false, ...context }, limits);
}

describe('every event falls into one bucket, the first that fits of rejected, duplicate, late, applied', () => {
  test('applied', () => {
    expect(verdict({})).toEqual({ outcome: 'applied' });
  });

  test('duplicate', () => {
    expect(verdict({ id: 'x1' }, { seen: true })).toEqual({
      outcome: 'duplicate',
      reason: "id 'x1' of source 'probe' was seen before",
    });
  });

  test('late, but exactly at the grace time not yet', () => {
    expect(verdict({ time: T0 - MINUTE_MS }).outcome).toBe('applied');
    expect(verdict({ time: T0 - MINUTE_MS - 1 })).toMatchObject({
      outcome: 'late',
      reason:
        'time 2023-12-31T23:58:59.999Z lies 1 min behind stream time 2024-01-01T00:00:00.000Z, at most 1 min are accepted',
    });
  });

  test('a late duplicate is a duplicate, a broken one is rejected', () => {
    expect(verdict({ time: T0 - HOUR_MS }, { seen: true }).outcome).toBe('duplicate');
    expect(verdict({ time: T0 - HOUR_MS, id: '' }, { seen: true }).outcome).toBe('rejected');
  });

  test('the first event of a partition is not late', () => {
    expect(verdict({ time: T0 - HOUR_MS }, { streamTime: -Infinity }).outcome).toBe('applied');
  });
});

describe('a rejection names the field, the value and the limit', () => {
  test.each<[string, Partial<IncidentEvent>]>([
    ['id is empty', { id: '' }],
    ['source is empty', { source: '' }],
    ['type is empty', { type: '' }],
    ['service is empty', { service: '' }],
    ['component is empty', { component: '' }],
    ["service 'a/b' contains a slash", { service: 'a/b' }],
    ['service contains a control character', { service: 'a\u001b[31m' }],
    ['component contains a control character', { component: 'a\r\nb' }],
    ["component 'a/b' contains a slash", { component: 'a/b' }],
    ['fingerprint is empty', { fingerprint: '' }],
    ['component has 129 characters, at most 128 are accepted', { component: 'x'.repeat(129) }],
    ['summary has 8193 characters, at most 8192 are accepted', { summary: 'x'.repeat(8193) }],
    ['value is NaN', { value: NaN }],
    ['value is Infinity', { value: Infinity }],
    ['value is missing', { kind: 'SAMPLE', value: null }],
    [
      'attributes are more than the 64',
      { attributes: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, ''])) },
    ],
    ["attribute 'a' has 4353 characters", { attributes: { a: 'x'.repeat(4352) } }],
    ['time 1970-01-01T00:00:00.000Z is implausible, before 2000-01-01T00:00:00.000Z', { time: 0 }],
    ['time 2099-01-01T00:00:00.000Z lies', { time: Date.UTC(2099, 0, 1) }],
    [
      'beyond its receipt at 2024-01-01T00:00:00.000Z, at most 1 min are accepted',
      { time: T0 + MINUTE_MS + 1 },
    ],
    ['time 9007199254740991 lies', { time: Number.MAX_SAFE_INTEGER }],
    ['time NaN is not a whole number', { time: NaN }],
    ['time 0.5 is not a whole number', { time: 0.5 }],
  ])('%s', (reason, fields) => {
    const rejected = verdict(fields);
    expect(rejected.outcome).toBe('rejected');
    expect(rejected).toHaveProperty('reason', expect.stringContaining(reason));
  });

  test('what lies just within the limits is accepted', () => {
    const fields = {
      component: 'x'.repeat(128),
      summary: '',
      attributes: { a: 'x'.repeat(4095) },
      value: -0,
    };
    expect(verdict({ ...fields, time: T0 + MINUTE_MS }).outcome).toBe('applied');
  });
});
