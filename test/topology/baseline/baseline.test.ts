import { describe, expect, test } from 'vitest';
import { learn, usualDeviation, type Baseline } from '../../../topology/baseline/baseline.ts';
import type { AdaptiveThreshold } from '../../../topology/rules/rule.ts';
import { HOUR_MS, T0 } from '../fixtures.ts';

const values: AdaptiveThreshold = {
  measure: 'mean',
  direction: 'above',
  deviations: 4,
  minimum: 0,
  leastDeviationRatio: 0.02,
  warmupWindows: 4,
  halfLifeWindows: 10,
  acceptAfterWindows: null,
  severity: 'MAJOR',
};
const counts: AdaptiveThreshold = { ...values, measure: 'problems' };

interface Hour {
  readonly hour: number;
  readonly value: number;
  readonly breaching?: boolean;
}

function learnHours(
  threshold: AdaptiveThreshold,
  hours: readonly Hour[],
  from: Baseline | null = null,
): Baseline | null {
  return hours.reduce<Baseline | null>(
    (baseline, { hour, value, breaching = false }) =>
      learn(baseline, { windowStart: T0 + hour * HOUR_MS, windowMs: HOUR_MS, value, breaching }, threshold),
    from,
  );
}

function steady(value: number, hours: number): Hour[] {
  return Array.from({ length: hours }, (_, hour) => ({ hour, value }));
}

test('the first windows weigh the same', () => {
  const learned = learnHours(
    values,
    [2, 4, 9].map((value, hour) => ({ hour, value })),
  );
  expect(learned).toMatchObject({ windows: 3, lastWindowStart: T0 + 2 * HOUR_MS });
  expect(learned?.mean).toBeCloseTo(5);
  expect(learned?.variance).toBeCloseTo((9 + 1 + 16) / 3);
});

test('later the past fades by half within the half life', () => {
  const past = learnHours(values, steady(100, 200));
  const after = learnHours(
    { ...values, leastDeviationRatio: 10 },
    steady(0, 10).map(({ value, hour }) => ({ value, hour: hour + 200 })),
    past,
  );
  expect(after?.mean).toBeCloseTo(50, 0);
});

test('a steady measure still has a deviation', () => {
  const learned = learnHours(values, steady(50, 20));
  expect(learned && usualDeviation(learned, values)).toBeCloseTo(1);
});

test('a steady count has the deviation of chance, and none is less than one', () => {
  const nine = learnHours(counts, steady(9, 20));
  expect(nine && usualDeviation(nine, counts)).toBeCloseTo(3);
  const none = learnHours(counts, steady(0, 20));
  expect(none && usualDeviation(none, counts)).toBe(1);
});

describe('robustness', () => {
  test('one normal window moves the usual value by a bounded step, however large it is', () => {
    const past = learnHours(values, steady(50, 100));
    const moderate = learnHours(values, [{ hour: 100, value: 53 }], past);
    const huge = learnHours(values, [{ hour: 100, value: 1e9 }], past);
    expect(huge).toEqual(moderate);
  });

  test('a breaching window teaches nothing but that it was there', () => {
    const past = learnHours(values, steady(50, 10));
    const after = learnHours(values, [{ hour: 10, value: 1000, breaching: true }], past);
    expect(after).toEqual({ ...past, lastWindowStart: T0 + 10 * HOUR_MS, breachesInARow: 1 });
  });

  test('a window that was learned before is not learned again', () => {
    const past = learnHours(values, steady(50, 10));
    expect(learnHours(values, [{ hour: 9, value: 70 }], past)).toBe(past);
  });

  test('so many breaches in a row are the new usual', () => {
    const accepting = { ...values, acceptAfterWindows: 3 };
    const breaches = [10, 11, 12].map((hour) => ({ hour, value: 5, breaching: true }));
    expect(learnHours(accepting, [...steady(50, 10), ...breaches])).toMatchObject({ windows: 1, mean: 5 });
    const broken = [
      ...breaches.slice(0, 2),
      { hour: 12, value: 50 },
      { hour: 13, value: 5, breaching: true },
    ];
    expect(learnHours(accepting, [...steady(50, 10), ...broken])?.mean).toBeCloseTo(50);
  });

  test('what was learned for another measure or width is not built upon', () => {
    const past = learnHours(values, steady(50, 10));
    expect(learnHours(counts, [{ hour: 10, value: 3 }], past)).toMatchObject({ windows: 1, mean: 3 });
  });
});

test('hours without any event are learned as hours without problems', () => {
  const past = learnHours(counts, steady(10, 5));
  const explicit = learnHours(
    counts,
    [5, 6, 7].map((hour) => ({ hour, value: 0 })),
    past,
  );
  expect(learnHours(counts, [{ hour: 8, value: 10 }], past)).toEqual(
    learnHours(counts, [{ hour: 8, value: 10 }], explicit),
  );
});

test('a gap of years is learned in bounded time, and a missing measurement is no zero', () => {
  const past = learnHours(counts, steady(10, 5));
  expect(learnHours(counts, [{ hour: 1_000_000, value: 0 }], past)?.mean).toBeLessThan(0.1);
  const measured = learnHours(values, steady(10, 5));
  expect(learnHours(values, [{ hour: 1000, value: 10 }], measured)?.mean).toBeCloseTo(10);
});
