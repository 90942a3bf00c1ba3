import { expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { sendSomeOfEverything, startSmallPipeline, stopWithNothingLeft } from './small-pipeline.ts';
import { verify } from './verify-process.ts';

const PATIENCE_MS = 300_000;

await describeWith(['kafka', 'schemaRegistry', 'redis', 'clickhouse'], 'incidents verify', (urls) => {
  test(
    'finds that all places match while the pipeline runs, and when it has stopped',
    { timeout: PATIENCE_MS },
    async () => {
      const pipeline = await startSmallPipeline(urls);
      await sendSomeOfEverything(pipeline);
      const running = await verify(pipeline.environment, ['--timeout', '60']);
      expect(running.findings.filter(({ verdict }) => verdict !== 'MATCH')).toEqual([]);
      expect(running.exitCode).toBe(0);
      await stopWithNothingLeft(pipeline);
      const stopped = await verify(pipeline.environment, ['--timeout', '60']);
      expect(stopped.findings.filter(({ verdict }) => verdict !== 'MATCH')).toEqual([]);
      expect(stopped.exitCode).toBe(0);
    },
  );
});
