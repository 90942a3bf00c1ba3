import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { rebuildRedis } from '../../connectors/redis/index.ts';
import { startHangingProxy } from '../redis/hanging-proxy.ts';
import { startRedis } from '../services/native/redis.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { AlertWriter } from './alert-writer.ts';
import { alertsOf, idsByPartition, receive } from './received.ts';
import type { Receiver } from './received.ts';

const PATIENCE = { timeout: 50_000 };

await describeWithPrograms(['redis-server'], 'a subscriber to alerts that was away', () => {
  /** A Redis that may be killed; it comes back on the same port with its data. */
  async function startMortalRedis() {
    const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
    let program = await startRedis(folder, { keepsData: true });
    const port = Number(new URL(program.url).port);
    onTestFinished(async () => {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    });
    return {
      url: program.url,
      kill: () => program.kill(),
      comeBack: async () => {
        program = await startRedis(folder, { port, keepsData: true });
      },
    };
  }

  async function withClient<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(url);
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  }

  function expectEachOnce({ deliveries }: Receiver, writer: AlertWriter): void {
    expect(idsByPartition(alertsOf(deliveries), 2)).toEqual(writer.written());
  }

  /** Redis is busy elsewhere for a moment: try until it takes the write. */
  async function eventually(write: () => Promise<void>): Promise<void> {
    await expect.poll(() => write().then(() => 'written', String), PATIENCE).toBe('written');
  }

  test('its connections cut, and alerts published meanwhile: each once, in order', async () => {
    const redis = await startMortalRedis();
    const writer = await AlertWriter.open(redis.url);
    // It has to look when it listens again, not when the clock says so.
    const receiver = receive({ url: redis.url, from: 'now', pollMs: 600_000 });
    await receiver.subscription.begun();
    await receiver.told('connected');
    await writer.write(12);
    await receiver.received(writer.count());

    await withClient(redis.url, async (client) => {
      for (let round = 1; round <= 5; round++) {
        await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        if (round > 3) await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await receiver.told('reconnecting', round);
        // It has looked already, and does not listen yet.
        await sleep(10);
        await eventually(() => writer.write(6));
        await receiver.told('connected', round + 1);
        await receiver.received(writer.count());
      }
    });
    await receiver.close();
    await writer.close();

    expectEachOnce(receiver, writer);
    expect(receiver.statuses.slice(0, 3)).toMatchObject([
      { state: 'connected' },
      { state: 'reconnecting', reason: expect.any(String) as string },
      { state: 'connected' },
    ]);
  });

  test('a network that swallows everything for a while: each once, in order', async () => {
    const redis = await startMortalRedis();
    const proxy = await startHangingProxy(redis.url);
    const writer = await AlertWriter.open(redis.url);
    const receiver = receive({ url: proxy.url, from: 'beginning', timeoutMs: 500, pollMs: 200 });
    await receiver.told('connected');
    await writer.write(12);
    await receiver.received(writer.count());
    proxy.hang();
    await writer.write(12);
    await receiver.told('reconnecting');
    proxy.serve();
    await writer.write(12);
    await receiver.received(writer.count());
    await receiver.close();
    await writer.close();
    proxy.close();
    expectEachOnce(receiver, writer);
  });

  test('messages that nobody heard are found by looking', async () => {
    const redis = await startMortalRedis();
    const writer = await AlertWriter.open(redis.url);
    const receiver = receive({ url: redis.url, from: 'beginning', pollMs: 100 });
    await receiver.told('connected');
    for (let round = 0; round < 3; round++) {
      await writer.writeUnheard(6);
      await receiver.received(writer.count());
    }
    await receiver.close();
    await writer.close();
    expectEachOnce(receiver, writer);
  });

  test('Redis killed and back with its data, three times: each once, in order', async () => {
    const redis = await startMortalRedis();
    const writer = await AlertWriter.open(redis.url);
    const receiver = receive({ url: redis.url, from: 'now', pollMs: 600_000 });
    await receiver.subscription.begun();
    for (let round = 1; round <= 3; round++) {
      await writer.write(12);
      if (round === 2) await receiver.received(writer.count());
      await redis.kill();
      await receiver.told('reconnecting', round);
      await redis.comeBack();
      // Killed, it may have lost its last writes although it had confirmed them.
      await eventually(() => writer.restore());
      await eventually(() => writer.write(6));
      await receiver.told('connected', round + 1);
    }
    await receiver.received(writer.count());
    await receiver.close();
    await writer.close();
    expectEachOnce(receiver, writer);
    expect(receiver.statuses.some(({ state }) => state === 'gap')).toBe(false);
  });

  test('Redis away when it subscribes: it waits, and then misses nothing', async () => {
    const redis = await startMortalRedis();
    const writer = await AlertWriter.open(redis.url);
    await writer.write(12);
    const before = writer.written();
    await redis.kill();
    const all = receive({ url: redis.url, from: 'beginning', timeoutMs: 500 });
    const fresh = receive({ url: redis.url, from: 'now', timeoutMs: 500 });
    await Promise.all([all, fresh].map((receiver) => receiver.told('reconnecting')));
    expect(fresh.subscription.position).toBeUndefined();
    await redis.comeBack();
    await fresh.subscription.begun();
    await eventually(() => writer.write(12));
    await all.received(writer.count());
    const news = writer.written().map((ids, partition) => ids.slice(before[partition]?.length));
    await fresh.received(news.flat().length);
    for (const receiver of [all, fresh]) await receiver.close();
    await writer.close();
    expectEachOnce(all, writer);
    expect(idsByPartition(alertsOf(fresh.deliveries), 2)).toEqual(news);
  });

  test('Redis emptied and silently restored: nothing again, nothing left out', async () => {
    const redis = await startMortalRedis();
    const writer = await AlertWriter.open(redis.url);
    const receiver = receive({ url: redis.url, from: 'beginning', pollMs: 50 });
    await writer.write(20);
    await receiver.received(writer.count());
    const behind = receiver.deliveries[5]?.position ?? '';

    await withClient(redis.url, (client) => client.flushall());
    // One that starts in the middle of all this, from a position of old.
    const late = receive({ url: redis.url, from: behind, pollMs: 50 });
    await late.told('connected');
    await writer.restore();
    await writer.write(10);
    await withClient(redis.url, (client) => client.flushall());
    await writer.restore();
    await writer.write();
    await receiver.received(writer.count());
    await late.received(writer.count() - 6);
    for (const each of [receiver, late]) await each.close();
    await writer.close();

    expectEachOnce(receiver, writer);
    expect(idsByPartition(alertsOf([...receiver.deliveries.slice(0, 6), ...late.deliveries]), 2)).toEqual(
      writer.written(),
    );
    for (const each of [receiver, late])
      expect(each.statuses.some(({ state }) => state === 'gap')).toBe(false);
  });

  test('Redis rebuilt on demand: nothing again, nothing left out', async () => {
    const redis = await startMortalRedis();
    const writer = await AlertWriter.open(redis.url);
    const receiver = receive({ url: redis.url, from: 'beginning', pollMs: 50 });
    await writer.write(20);
    await receiver.received(writer.count() - 3);
    const rebuilding = rebuildRedis({ url: redis.url });
    await withClient(redis.url, (client) =>
      expect.poll(() => client.hget('incidents:{p1}:applied', 'offset'), PATIENCE).toBe('-1'),
    );
    await writer.restore();
    expect((await rebuilding).outcome).toBe('rebuilt');
    await writer.write();
    await receiver.received(writer.count());
    await receiver.close();
    await writer.close();
    expectEachOnce(receiver, writer);
  });

  test('a user who may not listen, or not read, is told so', async () => {
    const redis = await startMortalRedis();
    await withClient(redis.url, async (client) => {
      await client.call('ACL', 'SETUSER', 'deaf', 'on', '>pass', '+@all', '~*', 'resetchannels');
      await client.call('ACL', 'SETUSER', 'blind', 'on', '>pass', '+@all', '~other', '&*');
    });
    for (const user of ['deaf:pass', 'blind:pass', 'nobody:wrong']) {
      const receiver = receive({ url: redis.url.replace('//', `//${user}@`), from: 'now' });
      await expect(receiver.received(1), user).rejects.toMatchObject({ code: 'REDIS_FORBIDDEN' });
      await receiver.subscription.close();
    }
  });
});
