import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCoordinator } from './coordinator.ts';
import { describeWith } from './describe-with.ts';
import type { ServiceAnswer } from './service.ts';

const COORDINATOR = join(import.meta.dirname, 'coordinator.ts');

/** A test run of its own, which starts a Redis, says where it is, and does not end by itself. */
const RUN = `
  const { openCoordinator } = await import(${JSON.stringify(COORDINATOR)});
  const { url } = await openCoordinator(process.argv[1]);
  console.log(await (await fetch(url + '/redis')).text());
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coordinator-test-'));
});

afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function urlOf(coordinator: { readonly url: string }): Promise<string> {
  const answer = (await (await fetch(`${coordinator.url}/redis`)).json()) as ServiceAnswer;
  if ('missing' in answer) throw new Error(answer.missing);
  return answer.url;
}

await describeWith(['redis'], 'services of a test run', () => {
  test('a service starts once for all who ask, and stops with the coordinator', async () => {
    const coordinator = await openCoordinator(folder);

    const [first, second] = await Promise.all([urlOf(coordinator), urlOf(coordinator)]);

    expect(second).toBe(first);
    expect(await answers(first)).toBe(true);
    await coordinator.close();
    if (process.env['REDIS_URL'] === undefined) expect(await answers(first)).toBe(false);
  });

  test.skipIf(process.env['REDIS_URL'] !== undefined)(
    'a service dies with a run that is killed',
    async () => {
      const run = spawn(process.execPath, ['--input-type=module', '--eval', RUN, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(createInterface({ input: run.stdout }), 'line')) as [string];
      const { url } = JSON.parse(line) as { url: string };
      expect(await answers(url)).toBe(true);

      run.kill('SIGKILL');

      await expect.poll(() => answers(url), { timeout: 50_000 }).toBe(false);
    },
  );
});

test('no service starts unless it is asked for', async () => {
  const coordinator = await openCoordinator(folder);

  await sleep(50);

  await expect(access(join(folder, 'redis'))).rejects.toThrow(/ENOENT/);
  await coordinator.close();
});
