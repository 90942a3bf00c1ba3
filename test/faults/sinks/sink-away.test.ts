import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../services/describe-with.ts';
import { differencesInRedis, expectedOf } from './check-redis.ts';
import { awayMs } from './durations.ts';
import { FaultedPipeline } from './faulted-pipeline.ts';
import type { Urls } from './faulted-pipeline.ts';
import { patiently } from './patiently.ts';
import { transitionsOf } from './transitions-of.ts';

/** Events are sent while it is away, a round after the other. */
const ROUND_MS = 2_000;
const PROBLEMS_A_ROUND = 200;
/** What may be held for a system that is away does not grow with how long it is away. */
const MAX_GROWTH_BYTES = 300_000_000;
const TIMEOUT_MS = 900_000 + awayMs('away');

const CLICKHOUSE_SINK = 'clickhouse-transitions';

await describeWith(
  ['kafka', 'schemaRegistry', 'redis', 'clickhouse'],
  'an outside system that is away',
  (urls) => {
    /** Sends events for as long as it is to be away; resolves with how much memory the process has gained. */
    async function sendFor(pipeline: FaultedPipeline, ms: number): Promise<number> {
      const residentBytes = () => pipeline.process.metric('process_resident_memory_bytes');
      const before = await residentBytes();
      for (const end = Date.now() + ms; Date.now() < end;) {
        await pipeline.send(PROBLEMS_A_ROUND);
        await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
      }
      return (await residentBytes()) - before;
    }

    async function expectRedisComplete(pipeline: FaultedPipeline): Promise<void> {
      await patiently(async () => {
        const expected = expectedOf(await transitionsOf(urls, pipeline.prefix));
        expect(await differencesInRedis(pipeline.redis.url, pipeline.prefix, expected)).toEqual([]);
      });
    }

    async function expectHistoryComplete(pipeline: FaultedPipeline): Promise<void> {
      await patiently(async () => {
        const inKafka = (await transitionsOf(urls, pipeline.prefix)).map(positionOf);
        expect(await positionsInHistory(urls, pipeline.database)).toEqual(inKafka);
      });
    }

    /** Whatever is down is said where operators look. */
    async function expectBehind(pipeline: FaultedPipeline, sink: string): Promise<void> {
      await patiently(async () => {
        expect(await pipeline.lag(sink)).toBeGreaterThan(PROBLEMS_A_ROUND);
        expect(await pipeline.process.metric('incidents_sink_failing', `sink="${sink}"`)).toBe(1);
        expect((await pipeline.process.get('/readyz')).status).toBe(503);
        expect(await pipeline.part(sink)).toMatchObject({
          state: 'failed',
          reason: expect.stringMatching(/\d+ records behind/) as unknown,
        });
      });
      expect(pipeline.process.log()).toContainEqual(
        expect.objectContaining({ event: 'sink-retrying', connector: sink }),
      );
    }

    async function expectUpToDate(pipeline: FaultedPipeline): Promise<void> {
      await patiently(async () => expect((await pipeline.process.get('/readyz')).status).toBe(200));
      await patiently(async () =>
        expect(await pipeline.process.metric('incidents_sink_records_lag')).toBe(0),
      );
    }

    test(
      'Redis: the topology and ClickHouse go on, and Redis catches up',
      { timeout: TIMEOUT_MS },
      async () => {
        const pipeline = await FaultedPipeline.start(urls);
        await pipeline.send(PROBLEMS_A_ROUND);
        await expectRedisComplete(pipeline);
        await pipeline.redis.kill();

        expect(await sendFor(pipeline, awayMs('away'))).toBeLessThan(MAX_GROWTH_BYTES);
        await expectBehind(pipeline, 'redis');
        await expectHistoryComplete(pipeline);

        await pipeline.redis.start();
        await expectUpToDate(pipeline);
        await expectRedisComplete(pipeline);
      },
    );

    test(
      'ClickHouse: the topology and Redis go on, and ClickHouse catches up',
      { timeout: TIMEOUT_MS },
      async () => {
        const pipeline = await FaultedPipeline.start(urls);
        await pipeline.send(PROBLEMS_A_ROUND);
        await expectHistoryComplete(pipeline);
        pipeline.clickhouse.cut();

        expect(await sendFor(pipeline, awayMs('away'))).toBeLessThan(MAX_GROWTH_BYTES);
        await expectBehind(pipeline, CLICKHOUSE_SINK);
        await expectRedisComplete(pipeline);

        await pipeline.clickhouse.mend();
        await expectUpToDate(pipeline);
        await expectHistoryComplete(pipeline);
      },
    );
  },
);

function positionOf({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}@${offset}`;
}

/** Of every row that analysts see, in order. */
async function positionsInHistory(urls: Urls, database: string): Promise<string[]> {
  const client = createClient({
    url: new URL('/', urls.clickhouse),
    database,
    log: { level: ClickHouseLogLevel.OFF },
  });
  onTestFinished(() => client.close());
  const answer = await client.query({
    query: `SELECT topic_partition AS partition, toUInt32(topic_offset) AS offset FROM transitions
            ORDER BY topic_partition, topic_offset`,
    format: 'JSONEachRow',
  });
  return (await answer.json<{ partition: number; offset: number }>()).map(positionOf);
}
