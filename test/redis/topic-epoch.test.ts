import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createRedisTransitionsSink,
  RedisOtherTopicError,
  RedisUsageError,
} from '../../connectors/redis/index.ts';
import { startRedisUnderTest } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { snapshotOf } from './snapshot.ts';
import { batchOf, EPOCH, recordsOf, SOURCE } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'the Redis sink and a new topic', () => {
  const OLD = recordsOf([
    { incident: 'old', type: 'OPENED', service: 'gone' },
    { incident: 'old', type: 'ACKNOWLEDGED' },
    { incident: 'older', type: 'RESOLVED', service: 'gone' },
  ]);
  const NEW = recordsOf([{ incident: 'new', type: 'OPENED' }]);
  const LATER = { ...SOURCE, topicEpoch: EPOCH + 1, partitions: 1 };

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

  async function openSink(source = SOURCE) {
    const sink = createRedisTransitionsSink({ url: redis.url, prefix });
    await sink.open(source);
    return sink;
  }

  test('a new topic of the same name is not hidden by the mark of the old one, nor mixed with its incidents', async () => {
    const old = await openSink();
    await old.write(batchOf(OLD));
    await old.write(batchOf(OLD, { partition: 1 }));
    await old.close();

    const sink = await openSink(LATER);
    expect(await sink.appliedOffset(0)).toBe(-1);
    await sink.write(batchOf(NEW));

    const held = await snapshotOf(client, prefix);
    const keys = Object.keys(held).filter((key) => !key.endsWith(':alerts'));
    expect(keys).toEqual([
      'incidents:meta',
      'incidents:{p0}:applied',
      'incidents:{p0}:counters',
      'incidents:{p0}:ids',
      'incidents:{p0}:incident:new',
      'incidents:{p0}:open',
      'incidents:{p0}:open:payments',
      'incidents:{p0}:services',
      'incidents:{p1}:applied',
    ]);
    expect(held['incidents:meta']).toEqual({
      topic: 'incident.transitions',
      topicEpoch: String(EPOCH + 1),
      partitions: '1',
    });
    const stream = await client.xrange(`${prefix}incidents:{p0}:alerts`, '-', '+');
    expect(stream.map(([id]) => id)).toEqual([`${EPOCH}-0`, `${EPOCH}-1`, `${EPOCH}-2`, `${EPOCH + 1}-0`]);
    await sink.close();
  });

  test('a process that still serves the old topic can change nothing any more', async () => {
    const old = await openSink();
    const sink = await openSink(LATER);
    await sink.write(batchOf(NEW));
    const before = await snapshotOf(client, prefix);

    await expect(old.write(batchOf(OLD))).rejects.toThrow(RedisOtherTopicError);
    await expect(old.appliedOffset(0)).rejects.toThrow(RedisOtherTopicError);
    await expect(openSink()).rejects.toThrow(
      /belongs to incident.transitions first seen at 2023-11-14T22:13:20.001Z/,
    );

    expect(await snapshotOf(client, prefix)).toEqual(before);
    await Promise.all([old.close(), sink.close()]);
  });

  test('keys of a topic of another name are never taken over', async () => {
    const other = await openSink({ ...SOURCE, topic: 'staging.transitions' });
    await expect(openSink(LATER)).rejects.toThrow(RedisOtherTopicError);
    await other.close();
  });

  test('an epoch that no stream id can be made of is refused', async () => {
    await expect(openSink({ ...SOURCE, topicEpoch: 0 })).rejects.toThrow(RedisUsageError);
  });
});
