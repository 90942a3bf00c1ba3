import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, uniqueName } from '../services/describe-with.ts';

await describeWith(['redis'], 'Redis', ({ redis }) => {
  let client: Redis;
  let subscriber: Redis;

  beforeAll(() => {
    client = new Redis(redis);
    subscriber = new Redis(redis);
  });

  afterAll(async () => {
    await Promise.all([client.quit(), subscriber.quit()]);
  });

  test('gives back what was set', async () => {
    const key = uniqueName('state');

    await client.set(key, 'OPEN', 'PX', 60_000);

    expect(await client.get(key)).toBe('OPEN');
    expect(await client.get(uniqueName('state'))).toBeNull();
  });

  test('hands a published alert to a subscriber', async () => {
    const channel = uniqueName('alerts');
    await subscriber.subscribe(channel);
    const received = once(subscriber, 'message');

    const listeners = await client.publish(channel, 'opened');

    expect(listeners).toBe(1);
    expect(await received).toEqual([channel, 'opened']);
  });
});
