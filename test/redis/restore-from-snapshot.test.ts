import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRedisTransitionsSink, rebuildRedis } from '../../connectors/redis/index.ts';
import { RedisConnection } from '../../connectors/redis/redis-connection.ts';
import type { RedisLink } from '../../connectors/redis/redis-connection.ts';
import { RedisKeys } from '../../connectors/redis/redis-keys.ts';
import { REDIS_SCRIPTS } from '../../connectors/redis/redis-scripts.ts';
import { writeSnapshot } from '../../connectors/redis/write-snapshot.ts';
import { listenForAlerts } from './alert-listener.ts';
import { startOwnRedis } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { snapshotOf } from './snapshot.ts';
import { snapshotAfter } from './state-snapshot.ts';
import { batchOf, EPOCH, recordsOf, SOURCE } from './transitions.ts';
import type { TransitionRecord } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

type Sink = ReturnType<typeof createRedisTransitionsSink>;

await describeWithPrograms(['redis-server'], 'restoring Redis from a snapshot', () => {
  const RECORDS = recordsOf([
    { incident: 'a', type: 'OPENED' },
    { incident: 'b', type: 'OPENED', severity: 'CRITICAL' },
    { incident: 'a', type: 'ACKNOWLEDGED' },
    { incident: 'b', type: 'CLOSED' },
    { incident: 'c', type: 'OPENED', service: 'search' },
    { incident: 'd', type: 'DETECTED', service: 'search' },
    { incident: 'a', type: 'RESOLVED' },
    { incident: 'e', type: 'OPENED', service: 'search' },
  ]);

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
    const sink = createRedisTransitionsSink({ url: redis.url, maxRecordsPerScript: 2 });
    await sink.open(SOURCE);
    return sink;
  }

  /** All that is left in Redis of the records, by a sink that nothing ever happened to. */
  async function quietly(records: readonly TransitionRecord[]) {
    const sink = await openSink();
    await sink.write(batchOf(records));
    await sink.close();
    const held = await snapshotOf(client, '');
    await client.flushall();
    return held;
  }

  function withoutMarks(held: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(held).filter(([key]) => !key.endsWith(':applied')));
  }

  const written = (sink: Sink, snapshot: ReturnType<typeof snapshotAfter>) => sink.writeSnapshot?.(snapshot);
  const applied = () => client.hgetall('incidents:{p0}:applied');

  test('an emptied Redis gets its incidents from the snapshot, its streams and counters from the transitions', async () => {
    const before = await quietly(RECORDS);
    const listener = await listenForAlerts(redis.url, '');
    const sink = await openSink();
    await written(sink, snapshotAfter(RECORDS));
    expect(await applied()).toEqual({
      topic: SOURCE.topic,
      topicEpoch: String(EPOCH),
      offset: '-1',
      stateOffset: '7',
    });
    expect(await client.zrange('incidents:{p0}:services', 0, '-1', 'WITHSCORES')).toEqual(['search', '2']);
    await sink.write(batchOf(RECORDS, { mode: 'restore' }));
    await listener.settle();

    expect(withoutMarks(await snapshotOf(client, ''))).toEqual(withoutMarks(before));
    expect(await applied()).toMatchObject({ offset: '7', stateOffset: '7' });
    expect(listener.heard).toEqual([]);
    listener.close();
    await sink.close();
  });

  test('what the topic no longer has is there: an incident that was opened before its beginning', async () => {
    const sink = await openSink();
    await written(sink, snapshotAfter(RECORDS));
    await sink.write(batchOf(RECORDS.slice(5), { mode: 'restore' }));

    expect(await client.zrange('incidents:{p0}:open', 0, '-1')).toEqual(['e', 'c']);
    expect(await client.hget('incidents:{p0}:incident:a', 'status')).toBe('RESOLVED');
    expect(await client.hget('incidents:{p0}:counters', 'transitions')).toBe('3');
    await sink.close();
  });

  test('records up to the offset of the snapshot change no state, whether they are restored or come live', async () => {
    const sink = await openSink();
    await written(sink, snapshotAfter(RECORDS, 7));
    const shown = await shownState();
    await sink.write(batchOf(RECORDS.slice(0, 1), { mode: 'restore' }));
    expect(await shownState()).toEqual(shown);
    await sink.close();
    const restarted = await openSink();
    const listener = await listenForAlerts(redis.url, '');
    await restarted.write(batchOf(RECORDS.slice(1, 3)));
    await listener.settle();

    expect(await shownState()).toEqual(shown);
    expect(listener.heard.filter(({ channel }) => channel === 'alerts')).toHaveLength(2);
    expect(await client.hget('incidents:{p0}:counters', 'transitions')).toBe('3');
    listener.close();
    await restarted.close();
  });

  test('a snapshot that is ahead of its offset is not taken back by the transitions that follow', async () => {
    const sink = await openSink();
    const resolved = RECORDS.slice(0, 7);
    await written(sink, snapshotAfter(resolved, 0));
    await sink.write(batchOf(RECORDS.slice(0, 3)));

    const held = await client.hmget('incidents:{p0}:incident:a', 'status', 'version');
    expect(held).toEqual(['RESOLVED', '3']);
    expect(await client.zscore('incidents:{p0}:open', 'a')).toBeNull();
    await sink.write(batchOf(RECORDS.slice(3)));
    expect(withoutMarks(await snapshotOf(client, ''))).toEqual(withoutMarks(await quietly(RECORDS)));
    await sink.close();
  });

  test('what is there is shown until all of the snapshot has been saved, and then nothing else of the partition', async () => {
    const sink = await openSink();
    const old = recordsOf([
      { incident: 'gone', type: 'OPENED', service: 'gone' },
      { incident: 'a', type: 'OPENED' },
    ]);
    await sink.write(batchOf(old));
    await sink.write(batchOf(old, { partition: 1 }));
    await client.hset('incidents:{p0}:incident:a', 'strange', 'field');
    await client.zadd('incidents:{p0}:open', 1, 'nobody');
    const seen: string[] = [];
    const look = async () => void seen.push((await client.zrange('incidents:{p0}:open', 0, '-1')).join(' '));
    await writeThrough(snapshotAfter(RECORDS), look, 1);
    await look();

    expect([...new Set(seen)]).toEqual(['nobody a gone', 'e c']);
    expect(seen.length).toBeGreaterThan(5);
    expect(await client.keys('incidents:{p0}:*gone*')).toEqual([]);
    expect(await client.hexists('incidents:{p0}:incident:a', 'strange')).toBe(0);
    expect((await client.smembers('incidents:{p0}:ids')).sort()).toEqual(['a', 'c', 'd', 'e']);
    expect(await client.keys('*next*')).toEqual([]);
    expect(await client.zrange('incidents:{p1}:open', 0, '-1')).toHaveLength(2);
    expect(await client.xlen('incidents:{p0}:alerts')).toBe(2);
    await sink.close();
  });

  test('the user that docs/redis.md sets up may do all of it', async () => {
    const docs = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8');
    const rules = /ACL SETUSER sink ([^`\n]+)/.exec(docs)?.[1] ?? '';
    await client.acl('SETUSER', 'sink', ...rules.replaceAll("'", '').split(' '));
    const url = redis.url.replace('redis://', 'redis://sink:secret@');
    const sink = createRedisTransitionsSink({ url, maxRecordsPerScript: 2 });
    await sink.open(SOURCE);
    await written(sink, snapshotAfter(RECORDS));
    await sink.write(batchOf(RECORDS, { mode: 'restore' }));
    const asked = await rebuildRedis({ url, partition: 0, waitMs: 0 });
    expect(asked).toMatchObject({ outcome: 'unattended', partitions: [{ applied: -1, target: 7 }] });
    expect(await sink.appliedOffset(0)).toBe(-1);
    await sink.close();
  });

  describe('interrupted', () => {
    /** A sink that has saved only some incidents of a snapshot. */
    async function leaveHalfASnapshot(): Promise<Sink> {
      const sink = await openSink();
      await client.set('incidents:{p0}:next:open:search', 'in the way');
      await expect(written(sink, snapshotAfter(RECORDS))).rejects.toMatchObject({ code: 'REDIS_WRONG_TYPE' });
      await client.del('incidents:{p0}:next:open:search');
      expect(await applied()).toMatchObject({ snapshot: expect.any(String) as string });
      return sink;
    }

    test('written again it comes to the same', async () => {
      const before = await quietly(RECORDS);
      const sink = await leaveHalfASnapshot();
      expect(await sink.appliedOffset(0)).toBe(-1);
      await written(sink, snapshotAfter(RECORDS));
      await sink.write(batchOf(RECORDS, { mode: 'restore' }));
      expect(withoutMarks(await snapshotOf(client, ''))).toEqual(withoutMarks(before));
      await sink.close();
    });

    test('no batch builds on a half of it; where no other half comes, the partition begins with nothing', async () => {
      const before = await quietly(RECORDS);
      const sink = await leaveHalfASnapshot();
      await expect(sink.write(batchOf(RECORDS))).rejects.toThrow('begun and never finished');
      expect(await sink.appliedOffset(0)).toBe(-1);
      await sink.write(batchOf(RECORDS, { mode: 'restore' }));
      expect(await snapshotOf(client, '')).toEqual(before);
      await sink.close();
    });

    test('by another process: what the first one still sends is refused', async () => {
      const second = await openSink();
      let overtaken = false;
      const first = writeThrough(snapshotAfter(RECORDS.slice(0, 4)), async (doing) => {
        if (overtaken || !doing.includes('saveSnapshot')) return;
        overtaken = true;
        await written(second, snapshotAfter(RECORDS));
      });
      await expect(first).rejects.toMatchObject({ code: 'REDIS_DATA_LOST' });
      expect((await client.smembers('incidents:{p0}:ids')).sort()).toEqual(['a', 'c', 'd', 'e']);
      expect(await client.hget('incidents:{p0}:incident:a', 'version')).toBe('3');
      await second.close();
    });

    test('by a flush it is noticed', async () => {
      const sink = await openSink();
      await client.del('incidents:{p0}:applied');
      await expect(written(sink, snapshotAfter(RECORDS))).rejects.toMatchObject({ code: 'REDIS_DATA_LOST' });
      expect(await client.keys('incidents:{p0}:*')).toEqual([]);
      await sink.close();
    });
  });

  async function shownState() {
    const all = await snapshotOf(client, '');
    return Object.fromEntries(Object.entries(all).filter(([key]) => /incident:|open|services|ids/.test(key)));
  }

  /** Writes a snapshot, doing something before each call. */
  async function writeThrough(
    snapshot: ReturnType<typeof snapshotAfter>,
    beforeEachCall: (doing: string) => Promise<void>,
    confirmed = -1,
  ): Promise<void> {
    const connection = new RedisConnection({ url: redis.url }, REDIS_SCRIPTS);
    const keys = new RedisKeys().partition(0);
    const link: RedisLink = {
      run: async (call, work) => {
        await beforeEachCall(call.doing);
        return connection.run(call, work);
      },
      close: () => connection.close(),
    };
    const place = { source: SOURCE, partition: 0, key: keys.applied };
    await writeSnapshot(snapshot, { ...place, link, keys, confirmed, maxIncidentsPerScript: 2 }).finally(() =>
      link.close(),
    );
  }
});
