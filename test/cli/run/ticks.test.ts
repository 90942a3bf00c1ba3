import pino from 'pino';
import { expect, test } from 'vitest';
import { EmbeddedRegistry } from '../../../schemas/embedded-registry.ts';
import { createSerdes } from '../../../schemas/serdes.ts';
import type { KeyedEntry } from '../../../cli/run/inbox-writer.ts';
import { startInboxTicker } from '../../../cli/run/ticks/inbox-ticker.ts';
import { RoutedUpTo } from '../../../cli/run/ticks/routed-up-to.ts';
import { loadRules } from '../../../cli/demo/demo-options.ts';
import { incidentTopology } from '../../../topology/incident-topology.ts';
import { eventually } from '../../streams/eventually.ts';

/** What the brokers would answer: the ends of two partitions, and what the group has committed of them. */
class Events {
  now = 1_000;
  start = [0, 0];
  ends = [0, 0];
  /** The last stable offset: beyond it lies a transaction that is open. */
  decided = Infinity;
  committed: (number | undefined)[] = [undefined, undefined];

  readonly routed = new RoutedUpTo({
    places: [0, 1].map((partition) => ({ topic: 'events', partition })),
    admin: {
      offsetRange: ({ partition }) => {
        const highWatermark = this.ends[partition] ?? 0;
        const end = Math.min(highWatermark, this.decided);
        return Promise.resolve({ start: this.start[partition] ?? 0, end, highWatermark });
      },
    },
    committed: (places) =>
      Promise.resolve(
        places.flatMap((place) => {
          const offset = this.committed[place.partition];
          return offset === undefined ? [] : [{ ...place, offset, metadata: '' }];
        }),
      ),
    now: () => this.now,
  });
}

test('where nothing waits to be routed, events are routed up to now', async () => {
  const events = new Events();
  expect(await events.routed.ask()).toBe(1_000);
  events.now = 2_000;
  expect(await events.routed.ask()).toBe(2_000);
});

test('while an event of any partition waits, time stands still; then it is the time of the question', async () => {
  const events = new Events();
  events.ends = [5, 3];
  events.committed = [5, 2];
  expect(await events.routed.ask()).toBe(0);
  events.now = 2_000;
  events.ends = [9, 3];
  expect(await events.routed.ask()).toBe(0);
  events.now = 3_000;
  events.ends = [12, 3];
  events.committed = [8, 3];
  // What was there at 1,000 is routed; of what was there at 2,000 one is missing.
  expect(await events.routed.ask()).toBe(1_000);
  events.committed = [11, 3];
  expect(await events.routed.ask()).toBe(2_000);
});

test('under load that never ends, time follows at a distance', async () => {
  const events = new Events();
  for (let round = 1; round <= 50; round++) {
    events.now = 1_000 * round;
    events.committed = [100 * (round - 1), 0];
    events.ends = [100 * round, 0];
    expect(await events.routed.ask()).toBe(round === 1 ? 0 : 1_000 * (round - 1));
  }
});

test('events of a transaction that is open are waited for', async () => {
  const events = new Events();
  events.ends = [4, 0];
  events.decided = 0;
  events.committed = [0, 0];
  expect(await events.routed.ask()).toBe(0);
});

test('events that retention has deleted before anybody committed are not waited for', async () => {
  const events = new Events();
  events.start = [7, 0];
  events.ends = [7, 0];
  expect(await events.routed.ask()).toBe(1_000);
});

const ruleSet = loadRules(undefined);
const { stores } = incidentTopology(ruleSet, createSerdes(new EmbeddedRegistry()));

interface Situation {
  readonly dueMs: number;
  readonly routedUpToMs: number;
  readonly partitions: readonly number[];
}

/** What the ticker writes to the inbox within some rounds. */
async function ticksIn({ dueMs, routedUpToMs, partitions }: Situation): Promise<KeyedEntry[]> {
  const written: KeyedEntry[] = [];
  let rounds = 0;
  const stop = startInboxTicker({
    stores,
    limits: ruleSet.limits,
    openStores: (builder) => {
      if (builder.name === stores.timers.name) rounds++;
      return (builder.name === stores.timers.name ? [{ oldestStart: () => dueMs }] : []) as never;
    },
    ownPartitions: () => partitions,
    inbox: {
      append: (entries) => {
        written.push(...entries);
        return Promise.resolve([]);
      },
    },
    routed: { ask: () => Promise.resolve(routedUpToMs) },
    intervalMs: 1,
    now: () => 10_000,
    log: pino({ level: 'silent' }),
    onTick: () => undefined,
  });
  await eventually(() => expect(rounds).toBeGreaterThan(5));
  await stop();
  return written;
}

test('what is due brings one tick to each partition that has a task here, and no more until it takes effect', async () => {
  const written = await ticksIn({ dueMs: 8_000, routedUpToMs: 9_500, partitions: [1, 4] });
  expect(written.map(({ partition, entry }) => [partition, entry.type])).toEqual([
    [1, 'tick'],
    [4, 'tick'],
  ]);
  for (const { entry, receivedAt } of written) {
    expect(entry).toMatchObject({ tick: { time: 9_500 } });
    expect(receivedAt).toBe(10_000);
  }
});

test.each([
  ['nothing is due', { dueMs: Infinity, routedUpToMs: 10_000, partitions: [0] }],
  ['it is due later', { dueMs: 10_001, routedUpToMs: 10_000, partitions: [0] }],
  ['events from before it was due may still come', { dueMs: 9_000, routedUpToMs: 8_999, partitions: [0] }],
  ['no task of the inbox runs here', { dueMs: 9_000, routedUpToMs: 10_000, partitions: [] }],
])('no tick is written while %s', async (_why, situation) => {
  expect(await ticksIn(situation)).toEqual([]);
});
