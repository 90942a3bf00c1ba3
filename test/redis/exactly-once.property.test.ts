import { Redis } from 'ioredis';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { listenForAlerts } from './alert-listener.ts';
import { startRedisUnderTest } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { snapshotOf } from './snapshot.ts';
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
