import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRedisIncidentReader, createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { openRedisSubscriber } from '../../connectors/redis/redis-subscriber.ts';
import { snapshotOf } from './snapshot.ts';
import { batchOf, recordsOf, SOURCE } from './transitions.ts';
import type { Step, TransitionRecord } from './transitions.ts';
import { startRedis } from '../services/native/redis.ts';
import { MASTER_NAME, startSentinel } from '../services/native/redis-sentinel.ts';
import type { RunningProgram } from '../../stack/native/running-service.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

const PATIENCE = { timeout: 90_000, interval: 50 };
const RECORDS = recordsOf(
  Array.from({ length: 300 }, (_, index): Step => ({ incident: `i-${index}`, type: 'OPENED' })),
);

await describeWithPrograms(['redis-server'], 'a master, its replica and a sentinel', () => {
  let folder: string;
  let servers: RunningProgram[];
  let sentinel: RunningProgram;
  let clients: Redis[];
  let url: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redis-sentinel-'));
    servers = await Promise.all(
      ['one', 'other'].map(async (name) => {
        await mkdir(join(folder, name));
        return startRedis(join(folder, name));
      }),
    );
    clients = servers.map((server) => new Redis(server.url).on('error', () => undefined));
    const [master, replica] = clients as [Redis, Redis];
    const masterPort = Number(new URL(servers[0]?.url ?? '').port);
    await replica.call('REPLICAOF', '127.0.0.1', masterPort);
    sentinel = await startSentinel(join(folder, 'sentinel'), { masterPort, downAfterMs: 8_000 });
    const sentinelAddress = new URL(sentinel.url).host;
    // The first of them is not there.
    url = `redis+sentinel://127.0.0.1:1,${sentinelAddress}/${MASTER_NAME}`;
    await vi.waitUntil(async () => (await master.wait(1, 100)) === 1, PATIENCE);
    await vi.waitUntil(sentinelTrustsReplica, PATIENCE);
  }, 120_000);
  afterEach(async () => {
    for (const client of clients) client.disconnect();
    await sentinel.stop();
    for (const server of servers) await server.stop();
    await rm(folder, { recursive: true });
  });

  /** It has talked to the replica itself, and would choose it. */
  async function sentinelTrustsReplica(): Promise<boolean> {
    const client = new Redis(sentinel.url);
    try {
      const [fields = []] = (await client.call('SENTINEL', 'REPLICAS', MASTER_NAME)) as string[][];
      const value = (field: string) => fields[fields.indexOf(field) + 1];
      return value('flags') === 'slave' && value('master-link-status') === 'ok';
    } finally {
      client.disconnect();
    }
  }

  /** As a runtime does: the same batch until it is taken; what was lost comes before. */
  async function deliver(
    sink: ReturnType<typeof createRedisTransitionsSink>,
    records: readonly TransitionRecord[],
  ) {
    const codes: string[] = [];
    const deadline = Date.now() + PATIENCE.timeout;
    for (;;) {
      try {
        await sink.write(batchOf(records));
        return codes;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        codes.push((error as { code: string }).code);
        await sleep(PATIENCE.interval);
      }
    }
  }

  test(
    'the master is killed: sink, reader and subscriber go on with the other one, and nothing that was replicated is lost',
    { timeout: 240_000 },
    async () => {
      const [master, replica] = clients as [Redis, Redis];
      const sink = createRedisTransitionsSink({ url, timeoutMs: 2_000 });
      const reader = createRedisIncidentReader({ url, timeoutMs: 10_000 });
      await sink.open(SOURCE);
      let subscriptions = 0;
      const heard: string[] = [];
      const subscriber = openRedisSubscriber(
        { url, timeoutMs: 10_000 },
        {
          channels: ['alerts'],
          onMessage: (message) => heard.push((JSON.parse(message) as { id: string }).id),
          onSubscribed: () => subscriptions++,
        },
      );
      await vi.waitUntil(() => subscriptions === 1, PATIENCE);
      for (let at = 0; at < 100; at += 10) await deliver(sink, RECORDS.slice(at, at + 10));
      const replicated = await snapshotOf(master, '');
      await vi.waitFor(async () => expect(await snapshotOf(replica, '')).toEqual(replicated), PATIENCE);
      await vi.waitUntil(() => heard.length === 100, PATIENCE);

      await servers[0]?.kill();
      await expect(sink.write(batchOf(RECORDS.slice(100, 110)))).rejects.toMatchObject({
        code: 'REDIS_UNAVAILABLE',
        message: expect.stringContaining(`${MASTER_NAME} (sentinels 127.0.0.1:1,127.0.0.1:`) as string,
      });
      const codes = await deliver(sink, RECORDS.slice(100, 110));
      expect(new Set(codes).difference(new Set(['REDIS_UNAVAILABLE']))).toEqual(new Set());
      expect(await snapshotOf(replica, '')).toMatchObject({
        'incidents:{p0}:incident:i-0': replicated['incidents:{p0}:incident:i-0'],
        'incidents:{p0}:counters': { transitions: '110' },
      });
      await vi.waitUntil(() => subscriptions >= 2, PATIENCE);
      await deliver(sink, RECORDS.slice(110));

      expect(await reader.openIncidents({ limit: 1_000 })).toHaveLength(RECORDS.length);
      expect(await replica.xlen('incidents:{p0}:alerts')).toBe(RECORDS.length);
      const last = RECORDS.at(-1)?.value;
      await vi.waitUntil(() => heard.includes(`${last?.incidentId}/${last?.version}`), PATIENCE);
      expect(new Set(heard).size).toBe(heard.length);
      await subscriber.close();
      reader.close();
      await sink.close();
    },
  );

  test(
    'a fail-over by hand: the sink leaves the master that has become a replica',
    { timeout: 240_000 },
    async () => {
      const [master, replica] = clients as [Redis, Redis];
      const sink = createRedisTransitionsSink({ url, timeoutMs: 2_000 });
      await sink.open(SOURCE);
      await deliver(sink, RECORDS.slice(0, 10));

      const hand = new Redis(sentinel.url);
      // NOGOODSLAVE until the sentinel has looked at the replica.
      await vi.waitFor(() => hand.call('SENTINEL', 'FAILOVER', MASTER_NAME), PATIENCE);
      hand.disconnect();
      const isReplica = async (client: Redis) => (await client.info('replication')).includes('role:slave');
      await vi.waitUntil(async () => (await isReplica(master)) && !(await isReplica(replica)), PATIENCE);
      const codes = await deliver(sink, RECORDS.slice(10, 20));
      expect(new Set(codes).difference(new Set(['REDIS_UNAVAILABLE']))).toEqual(new Set());
      expect(await replica.hget('incidents:{p0}:counters', 'transitions')).toBe('20');
      await sink.close();
    },
  );
});
