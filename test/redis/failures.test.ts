import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRedisIncidentReader, createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { startHangingProxy } from './hanging-proxy.ts';
import { startOwnRedis } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { snapshotOf } from './snapshot.ts';
import { batchOf, recordsOf, SOURCE } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

/** Enough for whatever is to succeed, on a busy machine. */
const TIMEOUT_MS = 3_000;

await describeWithPrograms(['redis-server'], 'the Redis sink when something fails', () => {
  const RECORDS = recordsOf([
    { incident: 'a', type: 'OPENED' },
    { incident: 'b', type: 'OPENED', service: 'search' },
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

  async function openSink(url = redis.url) {
    const sink = createRedisTransitionsSink({ url, timeoutMs: TIMEOUT_MS });
    await sink.open(SOURCE);
    return sink;
  }

  describe('a server that is not there', () => {
    test('open, write and read reject with REDIS_UNAVAILABLE in bounded time', async () => {
      const own = await startOwnRedis();
      const sink = await openSink(own.url);
      const reader = createRedisIncidentReader({ url: own.url, timeoutMs: TIMEOUT_MS });
      await own.stop();

      const before = Date.now();
      await expect(sink.write(batchOf(RECORDS))).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      await expect(openSink(own.url)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      await expect(reader.openIncidents()).rejects.toThrow(/127\.0\.0\.1:\d+ within 3000 ms.*ECONNREFUSED/);
      expect(Date.now() - before).toBeLessThan(30_000);
      await sink.close();
      reader.close();
    });

    test('one that hangs is given up after the timeout, and served again on a new connection', async () => {
      const proxy = await startHangingProxy(redis.url);
      const sink = await openSink(proxy.url);
      proxy.hang();
      await expect(sink.write(batchOf(RECORDS))).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      proxy.serve();
      await eventually(() => sink.write(batchOf(RECORDS)));
      expect(await client.hget('incidents:{p0}:counters', 'transitions')).toBe('2');
      await sink.close();
      proxy.close();
    });

    test('a password never shows in a message', async () => {
      const url = redis.url.replace('redis://', 'redis://:s3cret@');
      const error: unknown = await openSink(url.replace(/:\d+$/, ':1')).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      expect(String(error)).not.toContain('s3cret');
    });
  });

  describe('an error of the server becomes a coded one that names command and key', () => {
    test('OOM: nothing of the batch is applied', async () => {
      const sink = await openSink();
      const before = await snapshotOf(client, '');
      await client.config('SET', 'maxmemory', '1');
      const writing = sink.write(batchOf(RECORDS));
      await expect(writing).rejects.toMatchObject({ code: 'REDIS_OUT_OF_MEMORY' });
      await expect(writing).rejects.toThrow('HSET incidents:{p0}:incident:a');
      await client.config('SET', 'maxmemory', '0');
      expect(await snapshotOf(client, '')).toEqual(before);
      await sink.write(batchOf(RECORDS));
      await sink.close();
    });

    test('WRONGTYPE: the batch takes effect once when the key is out of the way', async () => {
      const sink = await openSink();
      await client.set('incidents:{p0}:counters', 'mine');
      await expect(sink.write(batchOf(RECORDS))).rejects.toMatchObject({ code: 'REDIS_WRONG_TYPE' });
      await client.del('incidents:{p0}:counters');
      await client.set('incidents:{p0}:open:search', 'mine');
      const writing = sink.write(batchOf(RECORDS));
      await expect(writing).rejects.toMatchObject({ code: 'REDIS_WRONG_TYPE' });
      await expect(writing).rejects.toThrow('ZADD incidents:{p0}:open:search');
      await client.del('incidents:{p0}:open:search');
      await sink.write(batchOf(RECORDS));

      expect(await client.hget('incidents:{p0}:counters', 'transitions')).toBe('2');
      expect(await client.xlen('incidents:{p0}:alerts')).toBe(2);
      expect(await client.zrange('incidents:{p0}:services', 0, '-1', 'WITHSCORES')).toEqual(
        expect.arrayContaining(['payments', 'search', '1']),
      );
      await sink.close();
    });

    test.each([
      ['keys', ['~other:*'], ['&*'], /EVALSHA|HGET/],
      ['channels', ['~incidents:*'], ['&other'], /PUBLISH alerts/],
    ])('NOPERM on %s', async (what, keys, channels, named) => {
      await client.call(
        'ACL',
        'SETUSER',
        `limited-${what}`,
        'on',
        '>pass',
        '+@all',
        ...keys,
        'resetchannels',
        ...channels,
      );
      const opening = openSink(redis.url.replace('redis://', `redis://limited-${what}:pass@`));
      await expect(opening).rejects.toMatchObject({ code: 'REDIS_FORBIDDEN' });
      await expect(opening).rejects.toThrow(named);
    });

    test.each([
      ['nobody:hunter2@', 'WRONGPASS', 'as user "nobody"'],
      [':hunter2@', 'WRONGPASS', 'as user "default"'],
      ['', 'NOAUTH', 'without a password'],
    ])(
      '"%s" is %s: it says so at once, where and to whom, and not the password',
      async (user, reply, login) => {
        await client.config('SET', 'requirepass', 'the-real-one');
        try {
          const error = await openSink(redis.url.replace('redis://', `redis://${user}`)).catch(
            (reason: unknown) => reason as Error,
          );
          expect(error).toMatchObject({ code: 'REDIS_FORBIDDEN' });
          const { message } = error as Error;
          expect(message).toContain(
            `HGET incidents:meta at ${new URL(redis.url).host} ${login}: Redis answered "${reply}`,
          );
          expect(message).not.toContain('hunter2');
        } finally {
          await client.config('SET', 'requirepass', '');
        }
      },
    );
  });

  test('a server that forgot the scripts is sent them again', async () => {
    const sink = await openSink();
    await sink.write(batchOf(RECORDS.slice(0, 1)));
    await client.script('FLUSH');
    await sink.write(batchOf(RECORDS.slice(1)));
    expect(await client.hget('incidents:{p0}:counters', 'transitions')).toBe('2');
    await sink.close();
  });

  test('a sink that is not open, a foreign batch and a strange prefix are refused', async () => {
    const sink = createRedisTransitionsSink({ url: redis.url });
    await expect(sink.write(batchOf(RECORDS))).rejects.toMatchObject({ code: 'REDIS_USAGE' });
    await sink.open(SOURCE);
    await expect(sink.write({ ...batchOf(RECORDS), topic: 'x' })).rejects.toMatchObject({
      code: 'REDIS_USAGE',
    });
    await sink.close();
    expect(() => createRedisTransitionsSink({ url: redis.url, prefix: '{x}' })).toThrow('braces');
    expect(() => createRedisTransitionsSink({ url: 'http://:secret@host' })).toThrow(/^url: expected redis/);
  });

  async function eventually(attempt: () => Promise<void>): Promise<void> {
    for (let round = 0; ; round++) {
      try {
        return await attempt();
      } catch (error) {
        if (round === 20) throw error;
      }
    }
  }
});
