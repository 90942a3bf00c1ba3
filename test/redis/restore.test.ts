import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRedisTransitionsSink, RedisDataLostError } from '../../connectors/redis/index.ts';
import { listenForAlerts } from './alert-listener.ts';
import { startOwnRedis } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { snapshotOf } from './snapshot.ts';
import { batchOf, recordsOf, SOURCE } from './transitions.ts';
import type { Step } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'restoring Redis', () => {
  const STEPS: readonly Step[] = [
    { incident: 'a', type: 'OPENED' },
    { incident: 'b', type: 'OPENED', severity: 'CRITICAL' },
    { incident: 'a', type: 'ACKNOWLEDGED' },
    { incident: 'b', type: 'RESOLVED' },
    { incident: 'c', type: 'OPENED', service: 'search' },
  ];
  const RECORDS = recordsOf(STEPS);

  let redis: RedisUnderTest;
  let client: Redis;

  beforeAll(async () => {
    redis = await startOwnRedis();
    client = new Redis(redis.url);
  });
  beforeEach(async () => {
    await client.flushall();
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  async function openSink() {
    const sink = createRedisTransitionsSink({ url: redis.url });
    await sink.open(SOURCE);
    return sink;
  }

  test('a restore brings everything back and publishes nothing', async () => {
    const sink = await openSink();
    await sink.write(batchOf(RECORDS));
    const before = await snapshotOf(client, '');
    await sink.close();

    await client.flushall();
    const listener = await listenForAlerts(redis.url, '');
    const restarted = await openSink();
    expect(await restarted.appliedOffset(0)).toBe(-1);
    await restarted.write(batchOf(RECORDS.slice(0, 2), { mode: 'restore' }));
    await restarted.write(batchOf(RECORDS.slice(2), { mode: 'restore' }));
    await listener.settle();

    expect(await snapshotOf(client, '')).toEqual(before);
    expect(listener.heard).toEqual([]);
    listener.close();
    await restarted.close();
  });

  test('a restore leaves alone the stream entries that are still there', async () => {
    const sink = await openSink();
    await sink.write(batchOf(RECORDS));
    const before = await snapshotOf(client, '');
    await client.del('incidents:{p0}:applied', 'incidents:{p0}:incident:a');

    expect(await sink.appliedOffset(0)).toBe(-1);
    await sink.write(batchOf(RECORDS, { mode: 'restore' }));

    expect(await snapshotOf(client, '')).toEqual(before);
    await sink.close();
  });

  test('Redis losing what it had confirmed is noticed at the next write, before a hole is left', async () => {
    const sink = await openSink();
    await sink.write(batchOf(RECORDS.slice(0, 3)));
    await client.flushall();
    await expect(sink.write(batchOf(RECORDS.slice(3)))).rejects.toThrow(RedisDataLostError);

    expect(await sink.appliedOffset(0)).toBe(-1);
    await sink.write(batchOf(RECORDS.slice(0, 3), { mode: 'restore' }));
    await sink.write(batchOf(RECORDS.slice(3)));
    expect(await client.hget('incidents:{p0}:counters', 'transitions')).toBe('5');
    await sink.close();
  });

  test('a fail-over to an older copy is noticed, and what is missing is restored silently', async () => {
    const sink = await openSink();
    await sink.write(batchOf(RECORDS.slice(0, 2)));
    const older = await copyOf(client);
    await sink.write(batchOf(RECORDS.slice(2, 4)));
    const complete = await snapshotOf(client, '');
    await bringBack(client, older);
    const listener = await listenForAlerts(redis.url, '');

    await expect(sink.write(batchOf(RECORDS.slice(4)))).rejects.toThrow(
      'holds offsets up to 1, but had confirmed 3',
    );
    expect(await sink.appliedOffset(0)).toBe(1);
    await sink.write(batchOf(RECORDS.slice(2, 4), { mode: 'restore' }));
    expect(await snapshotOf(client, '')).toEqual(complete);
    await sink.write(batchOf(RECORDS.slice(4)));
    await listener.settle();

    expect(listener.heard.map(({ channel, alert }) => `${channel} ${alert.incidentId}`)).toEqual([
      'alerts c',
      'alerts:major c',
      'alerts:service:search c',
    ]);
    listener.close();
    await sink.close();
  });

  async function copyOf(from: Redis): Promise<[string, Buffer][]> {
    const copies: [string, Buffer][] = [];
    for (const key of await from.keys('*'))
      copies.push([key, (await from.dumpBuffer(key)) ?? Buffer.alloc(0)]);
    return copies;
  }

  async function bringBack(to: Redis, copies: readonly [string, Buffer][]): Promise<void> {
    await to.flushall();
    for (const [key, dump] of copies) await to.restore(key, 0, dump);
  }
});
