import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { RedisAlert } from '../../connectors/redis/index.ts';
import { startOwnRedis } from '../redis/redis-under-test.ts';
import type { RedisUnderTest } from '../redis/redis-under-test.ts';
import { problemsOfAlert } from '../schemas/alert-schema.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { AlertWriter } from './alert-writer.ts';
import { idsByPartition } from './received.ts';

/** What a plain redis-cli prints: with a pattern it says also which one matched. */
interface Heard {
  readonly channel: string;
  readonly payload: string;
}

await describeWithPrograms(['redis-server'], 'redis-cli', () => {
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

  /** Resolves when it is subscribed. */
  async function listen(command: 'SUBSCRIBE' | 'PSUBSCRIBE', name: string) {
    const child = spawn('redis-cli', ['-u', redis.url, command, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill());
    const heard: Heard[] = [];
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      const length = command === 'SUBSCRIBE' ? 3 : 4;
      if (lines[0]?.endsWith('message') && lines.length === length) {
        heard.push({ channel: lines.at(-2) ?? '', payload: lines.at(-1) ?? '' });
        lines.length = 0;
      } else if (lines[0]?.endsWith('subscribe') && lines.length === 3) {
        lines.length = 0;
        heard.push({ channel: 'subscribed', payload: '' });
      }
    });
    await expect.poll(() => heard.shift()?.channel, { timeout: 50_000 }).toBe('subscribed');
    return heard;
  }

  test.each([
    ['SUBSCRIBE alerts', 'alerts', () => true],
    ['SUBSCRIBE alerts:critical', 'alerts:critical', ({ severity }: RedisAlert) => severity === 'CRITICAL'],
    [
      'SUBSCRIBE alerts:service:search',
      'alerts:service:search',
      ({ service }: RedisAlert) => service === 'search',
    ],
  ] as const)(
    '%s prints exactly its alerts, in order, and each is what the schema says',
    async (_title, channel, isOf) => {
      await client.flushall();
      const heard = await listen('SUBSCRIBE', channel);
      const writer = await AlertWriter.open(redis.url);
      await writer.write();
      await writer.close();
      await client.publish(channel, 'end');
      await expect.poll(() => heard.at(-1)?.payload, { timeout: 50_000 }).toBe('end');

      const alerts = heard.slice(0, -1).map(({ payload }) => JSON.parse(payload) as RedisAlert);
      expect(alerts.flatMap(problemsOfAlert)).toEqual([]);
      expect(idsByPartition(alerts, 2)).toEqual(idsByPartition((await keptAlerts()).filter(isOf), 2));
      expect(alerts.length).toBeGreaterThan(10);
    },
  );

  test("PSUBSCRIBE 'alerts:*' prints each alert on the channel of its severity and on that of its service", async () => {
    await client.flushall();
    const heard = await listen('PSUBSCRIBE', 'alerts:*');
    const writer = await AlertWriter.open(redis.url);
    await writer.write();
    await writer.close();
    await client.publish('alerts:end', 'end');
    await expect.poll(() => heard.at(-1)?.payload, { timeout: 50_000 }).toBe('end');

    const expected = (await keptAlerts()).flatMap(({ id, severity, service }) => [
      `alerts:${severity.toLowerCase()} ${id}`,
      `alerts:service:${service} ${id}`,
    ]);
    const got = heard
      .slice(0, -1)
      .map(({ channel, payload }) => `${channel} ${(JSON.parse(payload) as RedisAlert).id}`);
    expect(got).toEqual(expected);
  });

  test('what the streams keep is what was published', async () => {
    await client.flushall();
    const heard = await listen('SUBSCRIBE', 'alerts');
    const writer = await AlertWriter.open(redis.url);
    await writer.write();
    await expect.poll(() => heard.length, { timeout: 50_000 }).toBe(writer.count());
    await writer.close();
    expect(heard.map(({ payload }) => JSON.parse(payload) as RedisAlert)).toEqual(await keptAlerts());
  });

  /** Partition by partition, as the writer writes them. */
  async function keptAlerts(): Promise<RedisAlert[]> {
    const streams = await Promise.all(
      [0, 1].map((partition) => client.xrange(`incidents:{p${partition}}:alerts`, '-', '+')),
    );
    return streams.flat().map(([, [, alert]]) => JSON.parse(alert ?? '') as RedisAlert);
  }
});
