import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { pythonWithClients } from '../interop/python-environment.ts';
import { startOwnRedis } from '../redis/redis-under-test.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { AlertWriter } from './alert-writer.ts';
import { startExample } from './example-process.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/alerts');

/** The user that docs/redis.md sets up for whoever listens. */
const LISTENER =
  /^redis-cli ACL SETUSER listener .*$/m.exec(
    readFileSync(join(import.meta.dirname, '../../docs/redis.md'), 'utf8'),
  )?.[0] ?? '';

const COMMANDS: Readonly<Record<string, () => Promise<string> | string>> = {
  'subscribe.ts': () => process.execPath,
  'subscribe.py': pythonWithClients,
  'subscribe.sh': () => 'bash',
};

await describeWithPrograms(['redis-server'], 'the example', () => {
  // The first time it downloads what the example imports.
  beforeAll(pythonWithClients, 600_000);

  test.each(Object.entries(COMMANDS))(
    '%s misses nothing, as the user for listeners: killed, started again, Redis emptied and restored',
    async (name, commandOf) => {
      const command = await commandOf();
      const folder = await mkdtemp(join(tmpdir(), 'alerts-example-'));
      const redis = await startOwnRedis();
      const client = new Redis(redis.url);
      const writer = await AlertWriter.open(redis.url);
      await promisify(execFile)('sh', ['-c', LISTENER.replace('redis-cli', `redis-cli -u ${redis.url}`)]);
      const url = redis.url.replace('//', '//listener:secret@');
      const start = () => {
        const example = startExample(command, [join(EXAMPLES, name), url, 'position'], folder);
        onTestFinished(() => void example.end('SIGKILL').catch(() => undefined));
        return example;
      };
      onTestFinished(async () => {
        client.disconnect();
        await writer.close();
        await redis.stop();
        await rm(folder, { recursive: true, force: true });
      });

      await writer.write(10);
      const first = start();
      await first.printed(writer.count());
      await writer.write(10);
      await first.printed(writer.count());
      const stored = writer.count();
      await first.end('SIGKILL');

      await writer.write(10);
      const second = start();
      await second.printed(writer.count() - stored);
      await client.flushall();
      await writer.restore();
      await client.client('KILL', 'TYPE', 'PUBSUB');
      await writer.write();
      await second.printed(writer.count() - stored);
      await second.end('SIGTERM');

      // Killed between dealing with an alert and storing where it is, it gets that one again.
      expect(first.ids.length + second.ids.length - writer.count()).toBeLessThanOrEqual(1);
      const seen = [...new Set([...first.ids, ...second.ids])];
      expect(idsByPartition(seen)).toEqual(writer.writtenAlertIds());
    },
    120_000,
  );
});

/** The incidents' names tell their partition. */
function idsByPartition(ids: readonly string[]): string[][] {
  return ['p0', 'p1'].map((partition) => ids.filter((id) => id.startsWith(`${partition}-`)));
}
