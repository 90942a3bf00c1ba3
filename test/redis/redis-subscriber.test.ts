import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openRedisSubscriber } from '../../connectors/redis/redis-subscriber.ts';
import { startHangingProxy } from './hanging-proxy.ts';
import { startOwnRedis } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'a connection that listens', () => {
  let redis: RedisUnderTest;
  let client: Redis;
  const patience = { timeout: 50_000, interval: 10 };

  beforeAll(async () => {
    redis = await startOwnRedis();
    client = new Redis(redis.url);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  function listen(url: string, channels = ['news', 'weather'], timeoutMs = 10_000) {
    const heard: string[] = [];
    const log: string[] = [];
    const subscriber = openRedisSubscriber(
      { url, timeoutMs },
      {
        channels,
        onMessage: (message, channel) => heard.push(`${channel}: ${message}`),
        onSubscribed: () => log.push('subscribed'),
        onInterrupted: (error) => log.push((error as Error & { code: string }).code),
      },
    );
    return { heard, log, subscriber, subscribed: () => log.filter((line) => line === 'subscribed').length };
  }

  test('hears each of its channels, and says again that it is subscribed after an interruption', async () => {
    const { heard, log, subscriber, subscribed } = listen(redis.url);
    await vi.waitUntil(() => subscribed() === 1, patience);
    await client.publish('news', 'one');
    await client.publish('gossip', 'two');
    await client.publish('weather', 'three');
    await vi.waitUntil(() => heard.length === 2, patience);
    expect(heard).toEqual(['news: one', 'weather: three']);

    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await vi.waitUntil(() => subscribed() === 2, patience);
    expect(log).toEqual(['subscribed', 'REDIS_UNAVAILABLE', 'subscribed']);
    await client.publish('news', 'four');
    await vi.waitUntil(() => heard.length === 3, patience);
    await subscriber.close();
    await vi.waitUntil(async () => (await client.publish('news', 'five')) === 0, patience);
    expect(heard).toHaveLength(3);
    expect(log).toHaveLength(3);
  });

  test('a quiet connection stays; one to a server that hangs is given up', async () => {
    const proxy = await startHangingProxy(redis.url);
    const { log, subscriber, subscribed } = listen(proxy.url, ['quiet'], 300);
    await vi.waitUntil(() => subscribed() === 1, patience);
    const pings = async () => Number(/cmdstat_ping:calls=(\d+)/.exec(await client.info('commandstats'))?.[1]);
    const before = await pings();
    await vi.waitUntil(async () => (await pings()) > before + 2, patience);
    const untroubled = subscribed();

    proxy.hang();
    await vi.waitUntil(() => log.includes('REDIS_UNAVAILABLE'), patience);
    proxy.serve();
    await vi.waitUntil(() => subscribed() > untroubled, patience);
    await subscriber.close();
    proxy.close();
  });

  test('a closed one stays silent, also while it waits for a server', async () => {
    const { log, subscriber } = listen('redis://127.0.0.1:1');
    await vi.waitUntil(() => log.length > 1, patience);
    await subscriber.close();
    expect(new Set(log)).toEqual(new Set(['REDIS_UNAVAILABLE']));
  });

  test('channels that the user may not hear, and wrong passwords, are REDIS_FORBIDDEN', async () => {
    await client.call('ACL', 'SETUSER', 'deaf', 'on', '>pw', 'resetchannels', '&other', '+@all');
    for (const user of ['deaf:pw', 'deaf:wrong']) {
      const { log, subscriber } = listen(redis.url.replace('//', `//${user}@`));
      await vi.waitUntil(() => log.length > 0, patience);
      expect(log[0]).toBe('REDIS_FORBIDDEN');
      await subscriber.close();
    }
  });
});
