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
  const examples = [...text.matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block]) => (block ?? '').split('\n'))
    .filter((line) => line.startsWith('redis-cli '));

  test('every redis-cli line of docs/redis.md answers, and with what its comment promises', async () => {
    const redis = await startOwnRedis();
    try {
      const sink = createRedisTransitionsSink({ url: redis.url });
      await sink.open(SOURCE);
      await sink.write(batchOf(recordsOf([{ incident: '5f0c1d9e', type: 'OPENED', severity: 'CRITICAL' }])));
      await sink.close();

      expect(examples.length).toBeGreaterThan(8);
      for (const line of examples) {
        const command = line.replace('redis-cli', `redis-cli -u ${redis.url}`);
        const { stdout } = await promisify(execFile)('sh', ['-c', command]);
        expect(stdout.trim(), line).not.toMatch(/^$|ERR|WRONGTYPE|^0$/);
      }
    } finally {
      await redis.stop();
    }
  });
});
