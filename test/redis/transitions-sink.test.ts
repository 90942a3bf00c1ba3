import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import type { RedisTransitionsSinkOptions } from '../../connectors/redis/index.ts';
import { listenForAlerts } from './alert-listener.ts';
import { startRedisUnderTest } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { snapshotOf } from './snapshot.ts';
import { batchOf, EPOCH, recordsOf, SOURCE } from './transitions.ts';
import type { Step } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'the Redis sink', () => {
  const LIFE: readonly Step[] = [
    { incident: 'a', type: 'DETECTED', severity: 'MINOR' },
    { incident: 'a', type: 'OPENED' },
    { incident: 'b', type: 'OPENED', service: 'search', severity: 'CRITICAL' },
    { incident: 'a', type: 'ESCALATED', severity: 'MAJOR' },
    { incident: 'a', type: 'UPDATED' },
    { incident: 'c', type: 'DETECTED', service: 'mail' },
    { incident: 'c', type: 'TRANSIENT' },
    { incident: 'b', type: 'ACKNOWLEDGED' },
    { incident: 'd', type: 'OPENED', service: 'mail', severity: 'INFO' },
    { incident: 'd', type: 'RESOLVED' },
    { incident: 'd', type: 'REOPENED' },
    { incident: 'd', type: 'RESOLVED' },
    { incident: 'd', type: 'CLOSED' },
  ];

  let redis: RedisUnderTest;
  let client: Redis;
  let prefix: string;

  beforeAll(async () => {
    redis = await startRedisUnderTest();
    client = new Redis(redis.url);
  });
  beforeEach(() => {
    prefix = redis.uniquePrefix();
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  async function openSink(options: Partial<RedisTransitionsSinkOptions> = {}, source = SOURCE) {
    const sink = createRedisTransitionsSink({ url: redis.url, prefix, ...options });
    await sink.open(source);
    return sink;
  }

  test('a batch leaves the state that its transitions end in', async () => {
    const sink = await openSink();
    await sink.write(batchOf(recordsOf(LIFE)));

    const held = await snapshotOf(client, prefix);
    expect(Object.keys(held)).toEqual([
      'incidents:meta',
      'incidents:{p0}:alerts',
      'incidents:{p0}:applied',
      'incidents:{p0}:counters',
      'incidents:{p0}:ids',
      'incidents:{p0}:incident:a',
      'incidents:{p0}:incident:b',
      'incidents:{p0}:open',
      'incidents:{p0}:open:payments',
      'incidents:{p0}:open:search',
      'incidents:{p0}:services',
      'incidents:{p1}:applied',
    ]);
    expect(held['incidents:{p0}:open']).toEqual(['b', '8399999997999', 'a', '18399999999999']);
    expect(held['incidents:{p0}:open:search']).toEqual(['b', '8399999997999']);
    expect(held['incidents:{p0}:services']).toEqual(['payments', '1', 'search', '1']);
    expect(held['incidents:{p0}:ids']).toEqual(['a', 'b']);
    expect(held['incidents:{p0}:incident:b']).toMatchObject({
      status: 'ACKNOWLEDGED',
      severity: 'CRITICAL',
      service: 'search',
      acknowledgedBy: 'mia',
      version: '2',
    });
    await sink.close();
  });

  test('each transition and each alert is counted once', async () => {
    const sink = await openSink();
    await sink.write(batchOf(recordsOf(LIFE)));
    await sink.write(batchOf(recordsOf(LIFE)));

    expect(await client.hgetall(`${prefix}incidents:{p0}:counters`)).toEqual({
      transitions: '13',
      alerts: '8',
      DETECTED: '2',
      OPENED: '3',
      ESCALATED: '1',
      UPDATED: '1',
      TRANSIENT: '1',
      ACKNOWLEDGED: '1',
      RESOLVED: '2',
      REOPENED: '1',
      CLOSED: '1',
    });
    await sink.close();
  });

  test('a subscriber receives each alert once, in order, on its three channels, however often the batch is written', async () => {
    const listener = await listenForAlerts(redis.url, prefix);
    const sink = await openSink();
    const batch = batchOf(recordsOf(LIFE));
    await Promise.all([sink.write(batch), sink.write(batch)]);
    await sink.write(batch);
    await listener.settle();

    const told = listener.heard.map(({ channel, alert }) => `${channel} ${alert.type} ${alert.incidentId}`);
    expect(told.slice(0, 6)).toEqual([
      'alerts OPENED a',
      'alerts:minor OPENED a',
      'alerts:service:payments OPENED a',
      'alerts OPENED b',
      'alerts:critical OPENED b',
      'alerts:service:search OPENED b',
    ]);
    const ids = listener.heard
      .filter(({ channel }) => channel === 'alerts')
      .map(({ alert }) => alert.stream.id);
    expect(ids).toEqual([1, 2, 3, 7, 8, 9, 10, 11].map((offset) => `${EPOCH}-${offset}`));
    expect(told).toHaveLength(8 * 3);
    await sink.close();
    listener.close();
  });

  test('the stream holds each alert under its offset, also that of offset 0', async () => {
    const sink = await openSink();
    await sink.write(batchOf(recordsOf([{ incident: 'z', type: 'OPENED' }])));
    await sink.write(batchOf(recordsOf([{ incident: 'z', type: 'OPENED' }])));

    const entries = await client.xrange(`${prefix}incidents:{p0}:alerts`, '-', '+');
    expect(entries.map(([id]) => id)).toEqual([`${EPOCH}-0`]);
    expect(JSON.parse(entries[0]?.[1][1] ?? '')).toMatchObject({
      version: 1,
      type: 'OPENED',
      incidentId: 'z',
    });
    await sink.close();
  });

  describe('records at or below the mark change nothing', () => {
    test('a process that dies between batches and delivers the last one again leaves no trace of it', async () => {
      const records = recordsOf(LIFE);
      const undisturbed = redis.uniquePrefix();
      const reference = await openSink({ prefix: undisturbed });
      await reference.write(batchOf(records));
      await reference.close();

      const first = await openSink();
      await first.write(batchOf(records.slice(0, 6)));
      await first.close();
      const second = await openSink();
      expect(await second.appliedOffset(0)).toBe(5);
      await second.write(batchOf(records.slice(0, 6)));
      await second.write(batchOf(records.slice(6)));
      await second.close();

      expect(await snapshotOf(client, prefix)).toEqual(await snapshotOf(client, undisturbed));
    });

    test('a batch that lies across the mark takes effect above it only', async () => {
      const listener = await listenForAlerts(redis.url, prefix);
      const records = recordsOf(LIFE);
      const first = await openSink();
      const second = await openSink();
      await first.write(batchOf(records.slice(0, 8)));
      await second.write(batchOf(records));
      await listener.settle();

      expect(await client.hget(`${prefix}incidents:{p0}:counters`, 'transitions')).toBe('13');
      expect(listener.heard).toHaveLength(8 * 3);
      await Promise.all([first.close(), second.close()]);
      listener.close();
    });

    test('an older batch of a slower process does not bring back an old state', async () => {
      const records = recordsOf(LIFE);
      const slow = await openSink();
      const fast = await openSink();
      await fast.write(batchOf(records));
      const before = await snapshotOf(client, prefix);
      await slow.write(batchOf(records.slice(0, 3)));

      expect(await snapshotOf(client, prefix)).toEqual(before);
      await Promise.all([slow.close(), fast.close()]);
    });
  });

  test('an empty range and a tombstone move the mark and nothing else', async () => {
    const sink = await openSink();
    const [record] = recordsOf(LIFE);
    if (record === undefined) throw new Error('no record');
    await sink.write({ ...batchOf([]), firstOffset: 0, lastOffset: 4 });
    expect(await sink.appliedOffset(0)).toBe(4);
    await sink.write(batchOf([{ ...record, offset: 9, value: null }]));
    expect(await sink.appliedOffset(0)).toBe(9);
    expect(await client.exists(`${prefix}incidents:{p0}:counters`)).toBe(0);
    await sink.close();
  });

  test('a long batch cut into several script calls has the effect of one', async () => {
    const steps = Array.from({ length: 3_000 }, (_, i): Step[] => [
      { incident: `i${i}`, type: 'OPENED', service: `s${i % 7}` },
      { incident: `i${i % 11}`, type: 'UPDATED' },
    ]).flat();
    const records = recordsOf(steps);
    const cut = await openSink({ maxRecordsPerScript: 1_000 });
    await cut.write(batchOf(records));
    await cut.close();
    const whole = redis.uniquePrefix();
    const sink = await openSink({ prefix: whole, maxRecordsPerScript: 100_000 });
    await sink.write(batchOf(records));
    await sink.close();

    expect(await client.zcard(`${prefix}incidents:{p0}:open`)).toBe(3_000);
    expect(await snapshotOf(client, prefix)).toEqual(await snapshotOf(client, whole));
  });

  test('partitions keep marks of their own', async () => {
    const sink = await openSink();
    await sink.write(batchOf(recordsOf(LIFE), { partition: 1 }));
    expect(await sink.appliedOffset(0)).toBe(-1);
    expect(await sink.appliedOffset(1)).toBe(12);
    await sink.close();
  });
});
