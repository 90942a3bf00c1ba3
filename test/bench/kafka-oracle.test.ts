import { expect, test } from 'vitest';
import { differenceOf, expectedWindows } from '../../bench/kafka/expected-windows.ts';
import { kafkaBenchOptions } from '../../bench/kafka/options.ts';
import { mediansOf, ratiosOf } from '../../bench/kafka/summary.ts';
import type { Measurement } from '../../bench/kafka/run-variant.ts';
import { LOAD } from '../../bench/load.ts';

const load = { ...LOAD, events: 4_000, keys: 50 };

test('every event of the load is expected once, copies left out', () => {
  const windows = expectedWindows(load);
  const events = Array.from(windows.values()).reduce((sum, { count }) => sum + count, 0);
  expect(events).toBe(load.events - load.events / load.duplicateEvery);
  expect(windows.size).toBe(load.keys * 10);
});

const expected = expectedWindows(load);
const [first = '', window = { count: 0, sum: 0 }] = [...expected][0] ?? [];

test.each([
  ['a window that is missing', (windows: Map<string, unknown>) => windows.delete(first), /is missing/],
  ['a window too many', (windows: Map<string, unknown>) => windows.set('x@0', window), /1 windows too many/],
  [
    'an event counted twice',
    (windows: Map<string, unknown>) => windows.set(first, { ...window, count: window.count + 1 }),
    /has count/,
  ],
  [
    'a value added twice',
    (windows: Map<string, unknown>) => windows.set(first, { ...window, sum: window.sum + 0.5 }),
    /and sum/,
  ],
])('%s is a difference', (_what, spoil, difference) => {
  const actual = new Map(expected);
  expect(differenceOf(actual, expected)).toBeUndefined();
  spoil(actual);
  expect(differenceOf(actual, expected)).toMatch(difference);
});

test('ratios compare medians; what was not run has none', () => {
  const measured = (eventsPerSecond: number, maxRssMb: number): Measurement => {
    return {
      ...{ eventsPerSecond, maxRssMb, cpuSecondsPerMillion: 1 },
      ...{ commits: 1, meanCommitMs: 1, outputRecords: 1 },
    };
  };
  const medians = mediansOf(
    new Map([
      ['memory', [measured(100, 10), measured(900, 30), measured(300, 20)]],
      ['kafka-streams-memory', [measured(100, 80)]],
    ] as const),
  );
  expect(ratiosOf(medians)).toEqual({ vsKafkaStreamsInMemory: 3, rssRatio: 0.25, cpuRatio: 1 });
});

test.each([{ events: '0' }, { rounds: '-1' }, { keys: 'many' }, { variants: 'memory,nonsense' }])(
  'the options %j are refused',
  (given) => expect(kafkaBenchOptions(given)).toBeUndefined(),
);

test('without options: a million events, 5,000 keys, four partitions, three rounds of everything', () => {
  expect(kafkaBenchOptions({})).toMatchObject({
    ...{ events: 1_000_000, keys: 5_000, partitions: 4, rounds: 3 },
    variants: expect.arrayContaining(['memory', 'kafka-streams-memory', 'kafka-streams-rocksdb']) as unknown,
  });
});
