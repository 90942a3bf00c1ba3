import { createClient } from '@clickhouse/client';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { bannerLines } from '../../cli/demo/banner.ts';
import { startDemoServices, stopDemoServices } from '../../cli/demo/demo-services.ts';
import { noDeadLetters } from '../sinks/no-dead-letters.ts';
import { engineForTests } from '../clickhouse/engine-for-tests.ts';
import { snapshotOf } from '../redis/snapshot.ts';
import { startOwnRedis } from '../redis/redis-under-test.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { SINKS, TOPICS } from '../../topology/topics.ts';
import { dataDirectory } from './support/data-directory.ts';
import { startDemo } from './support/demo-process.ts';

vi.setConfig({ testTimeout: 300_000 });

const SOURCE = {
  topic: TOPICS.transitions,
  partitions: 1,
  topicEpoch: 1_700_000_000_000,
  deadLetter: noDeadLetters,
};

await describeWithPrograms(['redis-server'], 'the demo, where REDIS_URL names a server', () => {
  test('one that a pipeline in earnest writes to is left as it is, and the demo says so and goes on without', async () => {
    const redis = await startOwnRedis();
    const client = new Redis(redis.url);
    try {
      await client.hset('incidents:meta', { pipeline: 'incidents', topic: TOPICS.transitions });
      const before = await snapshotOf(client, '');
      const demo = startDemo({
        args: ['--data-dir', dataDirectory(), '--no-clickhouse', '--only', 'github', '--once', '--port', '0'],
        environment: { REDIS_URL: redis.url },
      });
      expect(await demo.ended).toBe(0);
      expect(demo.stdout()).toMatch(
        /Redis +off: what REDIS_URL names belongs to the pipeline "incidents".*redis:\/\/host:port\/1.*unset REDIS_URL/,
      );
      expect(await snapshotOf(client, '')).toEqual(before);
    } finally {
      client.disconnect();
      await redis.stop();
    }
  });

  test('one that is nobody’s becomes that of its data directory, and is used again', async () => {
    const redis = await startOwnRedis();
    const client = new Redis(redis.url);
    const environment = { REDIS_URL: redis.url };
    try {
      for (const [dataDir, expected] of [
        ['/tmp/demo-one', 'url'],
        ['/tmp/demo-one', 'url'],
        ['/tmp/demo-other', 'off'],
      ] as const) {
        const services = await startDemoServices({ dataDir, redis: true, clickhouse: false, environment });
        expect(services.redis).toHaveProperty(expected);
        await services.sinks[SINKS.redis]?.open(SOURCE);
        await services.sinks[SINKS.redis]?.close();
        await stopDemoServices(services);
        expect(await client.hget('incidents:meta', 'pipeline')).toBe('demo /tmp/demo-one');
      }
    } finally {
      client.disconnect();
      await redis.stop();
    }
  });
});

const clickhouse = engineForTests();

test.each([
  ['', 'demo'],
  ['/of_its_own', 'of_its_own'],
])('where CLICKHOUSE_URL ends in "%s", the demo writes to the database %s', async (path, database) => {
  const { url, username, password } = clickhouse.connection;
  const given = `${url.replace('//', `//${username}:${password}@`)}${path}`;
  const services = await startDemoServices({
    dataDir: '/tmp/demo-one',
    redis: false,
    clickhouse: true,
    environment: { CLICKHOUSE_URL: given },
  });
  const sink = services.sinks[SINKS.transitionHistory];
  await sink?.open(SOURCE);
  await sink?.close();
  const client = createClient({ url, username, password });
  const query = `SELECT database FROM system.tables WHERE name = 'transition_log'`;
  const found = await client.query({ query, format: 'JSONEachRow' });
  const databases = (await found.json<{ database: string }>()).map((row) => row.database);
  await client.close();
  expect(databases).toContain(database);
  expect(databases).not.toContain('history');
  const banner = bannerLines({ api: '', dataDir: '', services }).join('\n');
  expect(banner).toContain(`FROM+${database}.incidents`);
  await stopDemoServices(services);
});
