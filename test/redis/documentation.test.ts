import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { startOwnRedis } from './redis-under-test.ts';
import { batchOf, recordsOf, SOURCE } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'docs/redis.md', () => {
  const text = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8');
  const lines = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) => (block ?? '').split('\n'));
  const examples = lines.filter((line) => line.startsWith('redis-cli '));
  const functions = lines.filter((line) => /^\w+\(\) \{/.test(line));
  const PARTITIONS = 6;

  test('every redis-cli line of docs/redis.md answers, and with what its comment promises', async () => {
    const redis = await startOwnRedis();
    try {
      const sink = createRedisTransitionsSink({ url: redis.url });
      await sink.open({ ...SOURCE, partitions: PARTITIONS });
      await sink.write(batchOf(recordsOf([{ incident: '5f0c1d9e', type: 'OPENED', severity: 'CRITICAL' }])));
      const [last] = recordsOf([{ incident: 'the-last', type: 'OPENED' }]);
      if (last !== undefined) await sink.write(batchOf([last], { partition: PARTITIONS - 1 }));
      await sink.close();

      const answers = new Map<string, string>();
      expect(examples.length).toBeGreaterThan(8);
      for (const line of examples) {
        const script = [...functions, line].join('\n').replaceAll('redis-cli ', `redis-cli -u ${redis.url} `);
        const { stdout } = await promisify(execFile)('sh', ['-c', script]);
        expect(stdout.trim(), line).not.toMatch(/^$|ERR|WRONGTYPE|^0$/);
        answers.set(line, stdout.trim());
      }
      expect([...answers].filter(([line]) => line.includes('ZUNION')).map(([, answer]) => answer)).toEqual([
        '5f0c1d9e\nthe-last',
        'payments\n2',
        '5f0c1d9e\nthe-last',
      ]);
    } finally {
      await redis.stop();
    }
  });
});
