import { Redis } from 'ioredis';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisTransitionsSink, rebuildRedis } from '../../connectors/redis/index.ts';
import { isAlertType } from '../../schemas/alert.ts';
import { listenForAlerts } from './alert-listener.ts';
import { DeliveringRuntime } from './delivering-runtime.ts';
import { startRedisUnderTest } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { snapshotOf } from './snapshot.ts';
import { statesAfter } from './state-snapshot.ts';
import { batchOf, recordsOf, SOURCE } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'the Redis sink, whatever happens', () => {
  let redis: RedisUnderTest;
  let client: Redis;

  beforeAll(async () => {
    redis = await startRedisUnderTest();
    client = new Redis(redis.url);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  const aStep = fc.record({
    incident: fc.constantFrom('a', 'b', 'c', 'd'),
    service: fc.constantFrom('payments', 'search'),
    severity: fc.constantFrom('INFO' as const, 'MAJOR' as const, 'CRITICAL' as const),
    type: fc.constantFrom(
      'DETECTED' as const,
      'OPENED' as const,
      'ESCALATED' as const,
      'UPDATED' as const,
      'ACKNOWLEDGED' as const,
      'RESOLVED' as const,
      'CLOSED' as const,
    ),
  });

  /** A process that delivers up to some offset, from some earlier one, and is gone. */
  const aDelivery = fc.record({
    back: fc.nat(6),
    length: fc.integer({ min: 1, max: 8 }),
    crash: fc.boolean(),
  });

  test('any history of crashes, repeated and overlapping batches leaves and publishes what one quiet run does', async () => {
    const steps = fc.array(aStep, { minLength: 1, maxLength: 25 });
    const deliveries = fc.array(aDelivery, { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(steps, deliveries, async (life, history) => {
        // An incident stays with the service of its correlation key.
        const records = recordsOf(
          life.map((step) => ({ ...step, incident: `${step.service}-${step.incident}` })),
        );
        const quiet = await outcomeOf(async (write) => write(records));
        const disturbed = await outcomeOf(async (write, restart) => {
          let reached = 0;
          for (const { back, length, crash } of history) {
            const from = Math.max(0, reached - back);
            await write(records.slice(from, from + length));
            reached = Math.max(reached, Math.min(from + length, records.length));
            if (crash) await restart();
          }
          await write(records);
        });
        expect(disturbed).toEqual(quiet);
      }),
      { numRuns: 40 },
    );
  });

  /** One thing that happens to a runtime or to its Redis. */
  const anEvent = fc.oneof(
    {
      arbitrary: fc.record({ deliver: fc.integer({ min: 1, max: 8 }), isForgotten: fc.boolean() }),
      weight: 6,
    },
    { arbitrary: fc.constantFrom('restart', 'flush', 'rebuild', 'idle', 'trim'), weight: 4 },
    { arbitrary: fc.record({ restoreInPart: fc.nat(3) }), weight: 1 },
  );

  test(
    'any history of flushes, rebuilds, restores from snapshots and restarts ends in what the source says; no alert is published twice',
    { timeout: 240_000 },
    async () => {
      const steps = fc.array(aStep, { minLength: 1, maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(steps, fc.array(anEvent, { maxLength: 12 }), async (life, history) => {
          const records = recordsOf(
            life.map((step) => ({ ...step, incident: `${step.service}-${step.incident}` })),
          );
          const prefix = redis.uniquePrefix();
          const listener = await listenForAlerts(redis.url, prefix);
          const runtime = new DeliveringRuntime(records, { url: redis.url, prefix });
          let wasFlushed = false;
          let mayRepeat = false;
          for (const event of history) {
            if (typeof event === 'object' && 'deliver' in event) {
              await runtime.deliver({
                length: event.deliver,
                fate: event.isForgotten ? 'forgotten' : 'acknowledged',
              });
            } else if (typeof event === 'object') await runtime.restoreInPart(event.restoreInPart);
            else if (event === 'restart') await runtime.restart();
            else if (event === 'idle') await runtime.idle();
            else if (event === 'trim') runtime.trim();
            else if (event === 'rebuild') await askForRebuild(prefix);
            else {
              // Redis forgets a batch that it has published, before anybody knows that it had.
              mayRepeat ||= runtime.isInDoubt;
              wasFlushed = true;
              await forget(prefix);
            }
          }
          while (!runtime.isDone) await runtime.deliver({ length: 5, fate: 'acknowledged' });
          await runtime.idle();
          await runtime.close();
          await listener.settle();
          listener.close();

          // What retention has deleted cannot come back into streams and counters.
          const from = wasFlushed ? runtime.startOffset : 0;
          await expectContent(prefix, records, { withCounters: runtime.startOffset === 0 });
          const alerts = records.flatMap(({ value, offset }) => (isAlert(value) ? [offset] : []));
          const inStream = await streamOffsets(prefix);
          expect(inStream).toEqual(alerts.slice(alerts.length - inStream.length));
          expect(inStream).toEqual(expect.arrayContaining(alerts.filter((offset) => offset >= from)));
          const heard = listener.heard.flatMap(({ channel, alert }) =>
            channel === 'alerts' ? [Number(alert.stream.id.split('-')[1])] : [],
          );
          expect(mayRepeat ? [...new Set(heard)] : heard).toEqual(alerts);
        }),
        { numRuns: 60 },
      );
    },
  );

  async function askForRebuild(prefix: string): Promise<void> {
    if ((await client.exists(`${prefix}incidents:meta`)) === 0) return;
    await rebuildRedis({ url: redis.url, prefix, partition: 0, waitMs: 0 });
  }

  /** Atomically, as FLUSHALL is. */
  async function forget(prefix: string): Promise<void> {
    await client.eval(
      "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end",
      0,
      `${prefix}*`,
    );
  }

  async function expectContent(
    prefix: string,
    records: ReturnType<typeof recordsOf>,
    { withCounters }: { readonly withCounters: boolean },
  ): Promise<void> {
    const quiet = redis.uniquePrefix();
    const sink = createRedisTransitionsSink({ url: redis.url, prefix: quiet });
    await sink.open(SOURCE);
    await sink.write(batchOf(records));
    await sink.close();
    const ignored = withCounters ? /:applied$|:alerts$/ : /:applied$|:alerts$|:counters$/;
    const shown = async (of: string) =>
      Object.entries(await snapshotOf(client, of)).filter(([key]) => !ignored.test(key));
    expect(await shown(prefix)).toEqual(await shown(quiet));
    const states = statesAfter(records);
    expect((await client.smembers(`${prefix}incidents:{p0}:ids`)).sort()).toEqual([...states.keys()].sort());
    const { offset, snapshot, rebuildTo } = await client.hgetall(`${prefix}incidents:{p0}:applied`);
    expect({ offset, snapshot, rebuildTo }).toEqual({ offset: String(records.length - 1) });
  }

  async function streamOffsets(prefix: string): Promise<number[]> {
    const entries = await client.xrange(`${prefix}incidents:{p0}:alerts`, '-', '+');
    return entries.map(([id]) => Number(id.split('-')[1]));
  }

  function isAlert(value: ReturnType<typeof recordsOf>[number]['value']): boolean {
    return value !== null && isAlertType(value.type);
  }

  type Deliver = (
    write: (records: ReturnType<typeof recordsOf>) => Promise<void>,
    restart: () => Promise<void>,
  ) => Promise<void>;

  /** What is in Redis afterwards, and what a subscriber heard meanwhile. */
  async function outcomeOf(deliver: Deliver) {
    const prefix = redis.uniquePrefix();
    const listener = await listenForAlerts(redis.url, prefix);
    const open = async () => {
      const sink = createRedisTransitionsSink({ url: redis.url, prefix, maxRecordsPerScript: 5 });
      await sink.open(SOURCE);
      return sink;
    };
    let sink = await open();
    await deliver(
      async (records) => (records.length === 0 ? undefined : sink.write(batchOf(records))),
      async () => {
        await sink.close();
        sink = await open();
      },
    );
    await listener.settle();
    await sink.close();
    listener.close();
    return { held: await snapshotOf(client, prefix), heard: listener.heard };
  }
});
