import { afterAll, beforeAll, expect, test } from 'vitest';
import { handleAlerts } from '../../connectors/redis/index.ts';
import type { AlertPositionStore, HandleAlertsOptions } from '../../connectors/redis/index.ts';
import { startOwnRedis } from '../redis/redis-under-test.ts';
import type { RedisUnderTest } from '../redis/redis-under-test.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { AlertWriter } from './alert-writer.ts';

await describeWithPrograms(['redis-server'], 'handling alerts with a stored position', () => {
  let redis: RedisUnderTest;

  beforeAll(async () => {
    redis = await startOwnRedis();
  });
  afterAll(() => redis.stop());

  async function setUp() {
    const prefix = redis.uniquePrefix();
    const writer = await AlertWriter.open(redis.url, { prefix, partitions: 1 });
    let stored: string | undefined;
    const saved: string[] = [];
    const positions: AlertPositionStore = {
      load: () => Promise.resolve(stored),
      save: (position) => {
        saved.push((stored = position));
        return Promise.resolve();
      },
    };
    return { writer, saved, options: { url: redis.url, prefix, positions } };
  }

  /** Handles alerts until there were so many; resolves with their stream ids. */
  async function handle(count: number, options: Omit<HandleAlertsOptions, 'handle'>): Promise<string[]> {
    const ids: string[] = [];
    const ending = new AbortController();
    await handleAlerts({
      ...options,
      signal: ending.signal,
      handle: ({ stream }) => {
        if (ids.push(stream.id) === count) ending.abort();
        return Promise.resolve();
      },
    });
    return ids;
  }

  test('an alert whose handling failed comes again, and none before it does', async () => {
    const { writer, options } = await setUp();
    await writer.write();
    const ids: string[] = [];
    const failing = handleAlerts({
      ...options,
      first: 'beginning',
      handle: ({ stream }) => {
        ids.push(stream.id);
        return ids.length === 4 ? Promise.reject(new Error('the pager is broken')) : Promise.resolve();
      },
    });
    await expect(failing).rejects.toThrow('the pager is broken');
    ids.push(...(await handle(writer.count() - 3, options)));
    await writer.close();

    const [written = []] = writer.written();
    expect(ids).toEqual([...written.slice(0, 4), ...written.slice(3)]);
  });

  test('ended and started again and again, each alert is handled once', async () => {
    const { writer, options } = await setUp();
    await writer.write();
    const ids: string[] = [];
    while (ids.length < writer.count()) {
      ids.push(
        ...(await handle(Math.min(7, writer.count() - ids.length), { ...options, first: 'beginning' })),
      );
    }
    await writer.close();
    expect([ids]).toEqual(writer.written());
  });

  test('from now on, the first position is saved before there is an alert: what comes while it is away is handled', async () => {
    const { writer, saved, options } = await setUp();
    await writer.write(12);
    const before = writer.count();
    const ending = new AbortController();
    const idle = handleAlerts({ ...options, signal: ending.signal, handle: () => Promise.resolve() });
    await expect.poll(() => saved.length, { timeout: 50_000 }).toBe(1);
    ending.abort();
    await idle;
    await writer.write();
    const ids = await handle(writer.count() - before, options);
    await writer.close();
    expect(ids).toEqual(writer.written()[0]?.slice(before));
  });

  test('what a filter leaves out is not looked at again after a restart', async () => {
    const { writer, saved, options } = await setUp();
    await writer.write();
    const ending = new AbortController();
    const idle = handleAlerts({
      ...options,
      first: 'beginning',
      severities: ['INFO'],
      signal: ending.signal,
      onStatus: ({ state }) => void (state === 'connected' && setImmediate(() => ending.abort())),
      handle: () => Promise.resolve(),
    });
    await idle;
    await writer.close();
    expect(saved.at(-1)).toContain(writer.written()[0]?.at(-1));
  });
});
