import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const TIMEOUT_MS = 300_000;

const FIGURES = {
  eventsPerSecond: expect.any(Number) as number,
  cpuSecondsPerMillion: expect.any(Number) as number,
  maxRssMb: expect.any(Number) as number,
  commits: expect.any(Number) as number,
  meanCommitMs: expect.any(Number) as number,
  outputRecords: expect.any(Number) as number,
};

await describeWithPrograms(['maven', 'jdk'], 'npm run bench -- kafka', () => {
  test(
    'runs Kafka Streams and our runtime on one input, and finds both outputs as expected',
    { timeout: TIMEOUT_MS },
    async () => {
      const variants = 'memory,kafka-streams-memory,lmdb-changelog,kafka-streams-rocksdb';
      const options = ['--events', '20000', '--keys', '500', '--rounds', '1', '--variants', variants];
      const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'kafka', '--json', ...options]);
      const figures: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      expect(figures).toMatchObject({
        vsKafkaStreamsInMemory: expect.any(Number) as number,
        vsKafkaStreamsRocksDbWithChangelog: expect.any(Number) as number,
        rssRatio: expect.any(Number) as number,
        variants: {
          memory: FIGURES,
          'kafka-streams-memory': FIGURES,
          'lmdb-changelog': FIGURES,
          'kafka-streams-rocksdb': FIGURES,
        },
      });
    },
  );
});
