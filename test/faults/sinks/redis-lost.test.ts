import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { listenForAlerts } from '../../redis/alert-listener.ts';
import { describeWith } from '../../services/describe-with.ts';
import { AlertReader } from './alert-reader.ts';
import { differencesInRedis, expectedOf } from './check-redis.ts';
import type { Expected } from './check-redis.ts';
import { awayMs } from './durations.ts';
import { FaultedPipeline } from './faulted-pipeline.ts';
import { patiently } from './patiently.ts';
import { transitionsOf } from './transitions-of.ts';

const SET_BACK = 10_000;

await describeWith(
  ['kafka', 'schemaRegistry', 'redis', 'clickhouse'],
  'a Redis that loses everything',
  (urls) => {
    async function settled(pipeline: FaultedPipeline): Promise<Expected> {
      return patiently(async () => {
        const expected = expectedOf(await transitionsOf(urls, pipeline.prefix));
        expect(await differencesInRedis(pipeline.redis.url, pipeline.prefix, expected)).toEqual([]);
        return expected;
      });
    }

    /** Also nothing is under way any more that people would be told of. */
    async function atRest(pipeline: FaultedPipeline): Promise<Expected> {
      return patiently(async () => {
        const expected = await settled(pipeline);
        const ending = [...expected.incidents.values()].filter(({ recoveredAt }) => recoveredAt !== null);
        expect(ending).toEqual([]);
        return expected;
      });
    }

    /** As an operator does with Kafka's own tool: the group must be at rest. */
    async function setBack(pipeline: FaultedPipeline): Promise<number> {
      const admin = new Kafka({ brokers: urls.kafka.split(','), logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const [groupId, topic] = [
        `${pipeline.applicationId}-sink-redis`,
        `${pipeline.prefix}incident.transitions`,
      ];
      try {
        const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
        const partitions = (found?.partitions ?? []).map(({ partition, offset }) => ({
          partition,
          offset: String(Math.max(Number(offset) - Math.ceil(SET_BACK / 3), 0)),
        }));
        await admin.setOffsets({ groupId, topic, partitions });
        return partitions.reduce(
          (sum, { offset }, at) => sum + Number(found?.partitions[at]?.offset) - Number(offset),
          0,
        );
      } finally {
        await admin.disconnect();
      }
    }

    test(
      'killed, then flushed, then given old records again: ends in the newest states, with every alert once',
      { timeout: 900_000 + awayMs('killed') },
      async () => {
        const pipeline = await FaultedPipeline.start(urls);
        const { redis, prefix } = pipeline;
        const listener = await listenForAlerts(redis.url, prefix);
        onTestFinished(() => listener.close());
        const [always, away] = [new AlertReader(redis.url, prefix), new AlertReader(redis.url, prefix)];
        await pipeline.send(1_500);
        await settled(pipeline);
        await away.pause();

        await redis.kill();
        const killedAt = Date.now();
        await pipeline.send(1_500);
        await patiently(async () => {
          expect(await pipeline.part('redis')).toMatchObject({ state: 'failed' });
          expect(await pipeline.lag('redis')).toBeGreaterThan(1_000);
        });
        await patiently(() => expect(Date.now() - killedAt).toBeGreaterThan(awayMs('killed')));
        await redis.start();
        const beforeFlush = await settled(pipeline);

        const client = new Redis(redis.url);
        onTestFinished(() => client.disconnect());
        await client.flushall();
        // Nothing new comes: the sink finds out by itself.
        await settled(pipeline);

        await pipeline.send(1_500);
        await settled(pipeline);
        expect((await pipeline.process.stop('SIGTERM')).how).toBe(0);
        expect(await setBack(pipeline)).toBeGreaterThan(SET_BACK - 10);
        await pipeline.startProcess();
        await pipeline.send(100);
        const { alerts } = await atRest(pipeline);
        away.resume();

        await listener.settle();
        const heard = listener.heard
          .filter(({ channel }) => channel === 'alerts')
          .map(({ alert }) => alert.id);
        const all = new Set([...alerts.values()].flat());
        expect(beforeFlush.alerts.size).toBe(3);
        expect(
          heard.filter((id, at) => heard.indexOf(id) !== at),
          'published twice',
        ).toEqual([]);
        expect(
          heard.filter((id) => !all.has(id)),
          'published, and no alert',
        ).toEqual([]);
        for (const [who, reader] of Object.entries({ always, away })) {
          await patiently(() => expect(reader.count, who).toBeGreaterThanOrEqual(all.size));
          for (const [partition, ids] of alerts) expect(reader.idsOf(partition), who).toEqual(ids);
          await reader.pause();
        }
      },
    );
  },
);
