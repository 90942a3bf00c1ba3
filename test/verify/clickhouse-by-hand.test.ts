import { expect, test } from 'vitest';
import { eventually } from '../run/support/run-process.ts';
import { describeWith } from '../services/describe-with.ts';
import { sendSomeOfEverything, startSmallPipeline, stopWithNothingLeft } from './small-pipeline.ts';
import { verify } from './verify-process.ts';

const PATIENCE_MS = 300_000;
const SETTLED = { mutations_sync: '2' } as const;

await describeWith(
  ['kafka', 'schemaRegistry', 'redis', 'clickhouse'],
  'incidents verify of ClickHouse',
  (urls) => {
    test('names each row that was deleted, changed or added by hand', { timeout: PATIENCE_MS }, async () => {
      const pipeline = await startSmallPipeline(urls);
      const { clickhouse, environment } = pipeline;
      await sendSomeOfEverything(pipeline);
      // A row of each table is needed, and windows close only in time.
      await eventually(async () => {
        const windows = await clickhouse.query({ query: 'SELECT 1 FROM window_log', format: 'JSONEachRow' });
        expect(await windows.json()).not.toEqual([]);
      });
      await stopWithNothingLeft(pipeline);
      const answer = await clickhouse.query({
        query:
          'SELECT topic_partition, topic_offset FROM transition_log ORDER BY topic_partition, topic_offset LIMIT 2',
        format: 'JSONEachRow',
      });
      const [deleted, changed] = (await answer.json<{ topic_partition: number; topic_offset: string }>()).map(
        (row) => ({ partition: row.topic_partition, offset: Number(row.topic_offset) }),
      );
      if (deleted === undefined || changed === undefined) throw new Error('there are fewer than two rows');
      const rowAt = ({ partition, offset }: typeof deleted): string =>
        `topic_partition = ${partition} AND topic_offset = ${offset}`;
      await clickhouse.command({
        query: `ALTER TABLE transition_log DELETE WHERE ${rowAt(deleted)}`,
        clickhouse_settings: SETTLED,
      });
      await clickhouse.command({
        query: `ALTER TABLE transition_log UPDATE reason = 'nobody knows' WHERE ${rowAt(changed)}`,
        clickhouse_settings: SETTLED,
      });
      await clickhouse.command({
        query:
          'INSERT INTO event_log SELECT * REPLACE (topic_offset + 1000000 AS topic_offset) FROM event_log WHERE topic_partition = 0 LIMIT 1',
      });
      await clickhouse.command({
        query: 'INSERT INTO window_log SELECT * REPLACE (7 AS topic_partition) FROM window_log LIMIT 1',
      });

      const after = await verify(environment, ['--only', 'clickhouse', '--max-keys', '100']);
      expect(after.exitCode).toBe(1);
      const place = (at: typeof deleted): string =>
        `transition_log ${pipeline.prefix}incident.transitions[${at.partition}]@${at.offset}`;
      expect(after.of('clickhouse transition_log').differences).toMatchObject([
        { at: place(deleted), found: '(nothing)' },
        { at: place(changed), found: 'reason=nobody knows' },
      ]);
      expect(after.of('clickhouse event_log').differences).toMatchObject([{ found: 'a row' }]);
      expect(after.of('clickhouse window_log').differences).toMatchObject([{ found: '1 rows' }]);
    });
  },
);
