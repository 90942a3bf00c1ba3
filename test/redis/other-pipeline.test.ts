import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRedisTransitionsSink, readRedisPipeline } from '../../connectors/redis/index.ts';
import { startOwnRedis } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { snapshotOf } from './snapshot.ts';
import { batchOf, EPOCH, recordsOf, SOURCE } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

const RECORDS = recordsOf([
  { incident: 'a', type: 'OPENED' },
  { incident: 'b', type: 'OPENED', severity: 'CRITICAL' },
]);
const YOUNGER = { ...SOURCE, topicEpoch: EPOCH + 1 };
const META = 'x:incidents:meta';

await describeWithPrograms(['redis-server'], 'two pipelines on one Redis and prefix', () => {
  let redis: RedisUnderTest;
  let client: Redis;
  beforeAll(async () => {
    redis = await startOwnRedis();
    client = new Redis(redis.url);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });
  beforeEach(() => client.flushall());

  async function openSink(pipeline?: string, source = SOURCE) {
    const named = pipeline === undefined ? {} : { pipeline };
    const sink = createRedisTransitionsSink({ url: redis.url, prefix: 'x:', ...named });
    try {
      await sink.open(source);
    } catch (error) {
      await sink.close();
      throw error;
    }
    return sink;
  }

  test('the younger one is refused and changes nothing; the older one goes on', async () => {
    const older = await openSink('incidents');
    await older.write(batchOf(RECORDS.slice(0, 1)));
    const before = await snapshotOf(client, 'x:');

    await expect(openSink('demo /tmp/x', YOUNGER)).rejects.toMatchObject({
      code: 'REDIS_OTHER_PIPELINE',
      message: expect.stringMatching(
        /"incidents", not to "demo \/tmp\/x".*redis\.prefix.*redis-cli HDEL 'x:incidents:meta' pipeline/,
      ) as string,
    });
    expect(await snapshotOf(client, 'x:')).toEqual(before);
    await older.write(batchOf(RECORDS.slice(1)));
    expect(await older.appliedOffset(0)).toBe(1);
    await older.close();
  });

  test('of two that come to an empty Redis at once, one gets it', async () => {
    const comers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => openSink(`one-${i}`, { ...SOURCE, topicEpoch: EPOCH + i })),
    );
    const sinks = comers.flatMap((comer) => (comer.status === 'fulfilled' ? comer.value : []));
    expect(sinks).toHaveLength(1);
    for (const comer of comers)
      if (comer.status === 'rejected') expect(comer.reason).toMatchObject({ code: 'REDIS_OTHER_PIPELINE' });
    for (const sink of sinks) await sink.close();
  });

  test('the same pipeline goes on with a later topic of the name', async () => {
    await (await openSink('incidents')).close();
    const sink = await openSink('incidents', YOUNGER);
    expect(await sink.appliedOffset(0)).toBe(-1);
    await sink.close();
  });

  test('keys that bear no name are taken over, and not emptied', async () => {
    const unnamed = await openSink();
    await unnamed.write(batchOf(RECORDS));
    await unnamed.close();
    expect(await readRedisPipeline({ url: redis.url, prefix: 'x:' })).toBeUndefined();

    const sink = await openSink('incidents');
    expect(await sink.appliedOffset(0)).toBe(1);
    expect(await readRedisPipeline({ url: redis.url, prefix: 'x:' })).toBe('incidents');
    await sink.close();
  });

  test('one whose topic is refused leaves no name on the keys of another', async () => {
    await (await openSink(undefined, YOUNGER)).close();
    await expect(openSink('other')).rejects.toMatchObject({ code: 'REDIS_OTHER_TOPIC' });
    await expect(openSink('other', { ...YOUNGER, topic: 'elsewhere' })).rejects.toMatchObject({
      code: 'REDIS_OTHER_TOPIC',
    });
    expect(await client.hexists(META, 'pipeline')).toBe(0);
  });

  test('a Redis that was emptied has the name again; one that another took meanwhile is refused', async () => {
    const sink = await openSink('incidents');
    await client.flushall();
    expect(await sink.appliedOffset(0)).toBe(-1);
    expect(await client.hget(META, 'pipeline')).toBe('incidents');
    await client.hset(META, 'pipeline', 'other');
    await expect(sink.appliedOffset(0)).rejects.toMatchObject({ code: 'REDIS_OTHER_PIPELINE' });
    await sink.close();
  });

  test('what the message says takes the keys over', async () => {
    await (await openSink('incidents')).close();
    await client.hdel(META, 'pipeline');
    const sink = await openSink('demo', YOUNGER);
    expect(await client.hgetall(META)).toMatchObject({ pipeline: 'demo', topicEpoch: String(EPOCH + 1) });
    await sink.close();
  });

  test('who gives no name is asked for none', async () => {
    await (await openSink('incidents')).close();
    await (await openSink()).close();
    expect(await client.hget(META, 'pipeline')).toBe('incidents');
  });
});
