import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STACK_PORTS } from '../../stack/ports.ts';
import { describeWith } from '../services/describe-with.ts';
import { freeOffset, processesOf, spawnStack } from './stack-process.ts';
import type { StackProcess } from './stack-process.ts';
import { placesOf, storeEverywhere, storedEverywhere } from './stored-things.ts';
import type { Places } from './stored-things.ts';

const START_MS = 240_000;
const GONE_MS = 60_000;
const LOOK_AGAIN_MS = 200;

/** Opens an incident at once, under the rules that ship. */
const EVENT = {
  id: '1',
  source: 'stack-test',
  service: 'shop',
  component: 'checkout',
  severity: 'CRITICAL',
  summary: 'payments fail',
};

let folder: string;
let dataDir: string;
let offset: number;
const started: StackProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stack-test-'));
  await chmod(folder, 0o711);
  dataDir = join(folder, 'data');
  offset = await freeOffset();
});

afterAll(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  for (const stack of started) while ((await processesOf(stack)).length > 0) await sleep(LOOK_AGAIN_MS);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}, GONE_MS + 30_000);

function start(): StackProcess {
  const args = ['--data-dir', dataDir, '--port-offset', String(offset)];
  const stack = spawnStack(args);
  started.push(stack);
  return stack;
}

function places(): Places {
  return placesOf(dataDir, STACK_PORTS.postgres + offset);
}

function api(): string {
  return `http://127.0.0.1:${STACK_PORTS.http + offset}`;
}

async function incidentServices(): Promise<string[]> {
  const { incidents } = (await (await fetch(`${api()}/incidents`)).json()) as {
    incidents: { service: string }[];
  };
  return incidents.map(({ service }) => service);
}

/**
 * One stack's life, in this order. Whatever the machine lacks is installed first; where it cannot be, the tests are
 * skipped with the reason.
 */
await describeWith(['kafka', 'schemaRegistry', 'redis', 'clickhouse', 'postgres'], 'the native stack', () => {
  let stack: StackProcess;
  let schemaId: number;

  test(
    'every service answers where it should, and the pipeline is ready',
    { timeout: START_MS },
    async () => {
      stack = start();
      await stack.running;

      expect(places().kafka).toBe(`127.0.0.1:${STACK_PORTS.kafka + offset}`);
      expect(new URL(places().schemaRegistry).port).toBe(String(STACK_PORTS.schemaRegistry + offset));
      schemaId = await storeEverywhere(places());
      expect((await processesOf(stack)).length).toBeGreaterThan(7);
    },
  );

  test('an event that is sent to the pipeline becomes an incident', async () => {
    const reply = await fetch(`${api()}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...EVENT, time: new Date().toISOString() }),
    });

    expect(reply.status).toBe(202);
    await expect.poll(incidentServices, { timeout: GONE_MS, interval: 200 }).toContain(EVENT.service);
  });

  test('a stack that is started beside it names the taken ports, and starts nothing', async () => {
    const second = start();

    expect(await second.exited).toBe(1);
    expect(second.output()).toContain('STACK_PORT_TAKEN');
    expect(second.output()).toContain(`${STACK_PORTS.redis + offset} (Redis)`);
    expect(second.output()).not.toContain('is ready');
  });

  test('SIGTERM ends everything, with status 0', async () => {
    stack.child.kill('SIGTERM');

    expect(await stack.exited).toBe(0);
    await expect.poll(() => processesOf(stack), { timeout: 50_000 }).toEqual([]);
  });

  test('the data are there again after a restart', { timeout: START_MS }, async () => {
    stack = start();
    await stack.running;

    expect(await storedEverywhere(places())).toEqual({
      kafka: 1,
      schemaRegistry: schemaId,
      redis: 'kept',
      clickhouse: 'kept',
      postgres: 'kept',
    });
    expect(await incidentServices()).toContain(EVENT.service);
  });

  test('nothing outlives a stack that is killed', { timeout: GONE_MS }, async () => {
    stack.child.kill('SIGKILL');
    await stack.exited;

    await expect.poll(() => processesOf(stack), { timeout: GONE_MS }).toEqual([]);
  });
});
