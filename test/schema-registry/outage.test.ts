import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { startSchemaRegistry } from '../../stack/native/schema-registry.ts';
import { tick } from '../schemas/samples.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { temporaryDirectory } from '../streams/temporary-directory.ts';
import { logRecord, recordOfId } from './log-record.ts';
import { postJson } from './registry-rest.ts';
import { uniqueSubjects } from './subjects.ts';
import { startSwitchableProxy } from './switchable-proxy.ts';
import type { ProxyMode } from './switchable-proxy.ts';

/** What the registry wrote less than half a second ago a kill may take from it. */
const REGISTRY_FLUSH_MS = 1_500;
const UNKNOWN_ID = 0x7fff_ff00;

async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  const pending = Symbol();
  return (await Promise.race([promise, sleep(1, pending)])) !== pending;
}

await describeWith(['schemaRegistry'], 'a registry that fails', ({ schemaRegistry: url }) => {
  const failures: [ProxyMode, RegExp][] = [
    ['refuse', /cannot be asked: (socket hang up|read ECONNRESET)/],
    ['hang', /cannot be asked: Timeout/],
    ['cut', /cannot be asked: /],
    [500, /HTTP 500/],
    [503, /HTTP 503/],
    [429, /HTTP 429/],
    [401, /HTTP 401/],
    [404, /does not know schema id \d+, nor \d+, which it gave to/],
    [200, /it answered without a schema/],
  ];

  test.each(failures)(
    'records wait while it answers with %s, and are read after it; nothing is dead-lettered',
    { timeout: 60_000 },
    async (mode, why) => {
      await using proxy = await startSwitchableProxy(url);
      const subjects = uniqueSubjects();
      const reasons: string[] = [];
      const registry = await openConfluentRegistry({
        url: proxy.url,
        subjects,
        timeoutMs: 1_000,
        onRetry: (reason) => reasons.push(reason),
      });
      const foreignId = await idOfAnother(url);
      proxy.mode = mode;
      const wait = registry.beforeDecode([recordOfId(foreignId)]);
      // On a busy machine an attempt may end otherwise, by its time-out.
      const isReported = (): boolean => reasons.length > 1 && reasons.some((reason) => why.test(reason));
      await expect.poll(isReported, { timeout: 50_000 }).toBe(true);
      expect(await isSettled(wait)).toBe(false);
      // What is known needs no registry.
      const bytes = createSerdes(registry).tick.serialize(tick);
      expect(registry.beforeDecode([logRecord(bytes)])).toBeUndefined();
      expect(createSerdes(registry).tick.deserialize(bytes)).toEqual(tick);

      proxy.mode = 'serve';
      await wait;
      expect(registry.schemaFor(foreignId)).toMatchObject({ name: 'Foreign' });
      registry.close();
    },
  );

  test('an unknown id is not believed to a registry that has lost what it had', async () => {
    await using proxy = await startSwitchableProxy(url);
    const registry = await openConfluentRegistry({ url: proxy.url, subjects: uniqueSubjects() });
    // A page of 404 for everything: the registry's own 404 is told apart by asking for an id that it has.
    proxy.mode = 404;
    const wait = registry.beforeDecode([recordOfId(UNKNOWN_ID)]);
    await sleep(1_500);
    expect(await isSettled(wait)).toBe(false);
    proxy.mode = 'serve';
    await wait;
    expect(registry.schemaFor(UNKNOWN_ID)).toBeUndefined();
  });

  test('once it has been closed, nothing is asked and records go on waiting', async () => {
    await using proxy = await startSwitchableProxy(url);
    const registry = await openConfluentRegistry({ url: proxy.url, subjects: uniqueSubjects() });
    proxy.mode = 503;
    const wait = registry.beforeDecode([recordOfId(UNKNOWN_ID)]);
    registry.close();
    await sleep(200);
    const asked = proxy.requests.length;
    proxy.mode = 'serve';
    await sleep(700);
    expect(proxy.requests.length).toBe(asked);
    expect(await isSettled(wait)).toBe(false);
  });

  test('a registry that is killed and started again is asked on, without a restart of the pipeline', async () => {
    using folder = temporaryDirectory();
    const first = await startSchemaRegistry(folder.path, { keepsData: true });
    const port = Number(new URL(first.url).port);
    const reasons: string[] = [];
    const subjects = uniqueSubjects();
    const registry = await openConfluentRegistry({
      url: first.url,
      subjects,
      onRetry: (reason) => reasons.push(reason),
    });
    const foreignId = await idOfAnother(first.url);
    await sleep(REGISTRY_FLUSH_MS);
    await first.kill();
    const wait = registry.beforeDecode([recordOfId(foreignId)]);
    await expect.poll(() => reasons.length, { timeout: 50_000 }).toBeGreaterThan(1);
    expect(await isSettled(wait)).toBe(false);
    const second = await startSchemaRegistry(folder.path, { keepsData: true, port });
    try {
      await wait;
      expect(registry.schemaFor(foreignId)).toMatchObject({ name: 'Foreign' });
      const again = await openConfluentRegistry({ url: second.url, subjects, register: false });
      expect(again.idOf('IncidentEvent')).toBe(registry.idOf('IncidentEvent'));
    } finally {
      registry.close();
      await second.stop();
    }
  }, 240_000);
});

/** Registers a schema that this version does not have. */
async function idOfAnother(url: string): Promise<number> {
  const schema = { type: 'record', name: 'Foreign', doc: uniqueName('doc'), fields: [] };
  const subject = uniqueName('foreign');
  const body = { schema: JSON.stringify(schema) };
  return (await postJson(`${url}/subjects/${subject}/versions`, body))['id'] as number;
}
