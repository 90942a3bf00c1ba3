import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { hashSlotOf } from '../../connectors/redis/hash-slot.ts';
import { createRedisIncidentReader, createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import type { RedisIncidentReader } from '../../connectors/redis/index.ts';
import { listenForAlerts } from './alert-listener.ts';
import { startOwnRedis } from './redis-under-test.ts';
import { snapshotOf } from './snapshot.ts';
import { batchOf, recordsOf, SOURCE } from './transitions.ts';
import type { Step, TransitionRecord } from './transitions.ts';
import { moveSlot, startRedisCluster } from '../services/native/redis-cluster.ts';
import type { RedisClusterNode, RunningRedisCluster } from '../services/native/redis-cluster.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

type Sink = ReturnType<typeof createRedisTransitionsSink>;

const PARTITIONS = [0, 1, 2, 3, 4, 5];
const WIDE_SOURCE = { ...SOURCE, partitions: PARTITIONS.length };
const PATIENCE = { timeout: 90_000, interval: 50 };

/** A busy while: incidents open, change and close. */
const STEPS: readonly Step[] = Array.from({ length: 400 }, (_, index) => {
  const life = ['OPENED', 'ESCALATED', 'ACKNOWLEDGED', 'RESOLVED', 'CLOSED'] as const;
  const round = index % 60;
  return {
    incident: `i-${Math.floor(index / 60)}-${round % 15}`,
    type: life[Math.floor(round / 15)] ?? 'UPDATED',
    service: `service-${(round % 15) % 4}`,
    severity: round % 2 === 0 ? 'MAJOR' : 'CRITICAL',
  };
});
const RECORDS = recordsOf(STEPS);

await describeWithPrograms(['redis-server'], 'sink and reader on a cluster of three nodes', () => {
  let folder: string;
  let cluster: RunningRedisCluster;
  let sink: Sink;
  let reader: RedisIncidentReader;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redis-cluster-'));
    cluster = await startRedisCluster(folder);
    const options = { url: cluster.url, timeoutMs: 5_000 };
    sink = createRedisTransitionsSink(options);
    reader = createRedisIncidentReader(options);
  }, 120_000);
  beforeEach(async () => {
    for (const { client } of cluster.nodes) await client.flushall();
    await sink.open(WIDE_SOURCE);
  });
  afterAll(async () => {
    reader.close();
    await sink.close();
    await cluster.stop();
    await rm(folder, { recursive: true });
  });

  const slotOf = (partition: number) => hashSlotOf(`{p${partition}}`);
  const nodeOf = (partition: number) => cluster.nodeOf(slotOf(partition));

  /** Everything that a cluster holds, as one server would. */
  async function held(): Promise<Record<string, unknown>> {
    const parts = await Promise.all(cluster.nodes.map(({ client }) => snapshotOf(client, '')));
    return Object.assign({}, ...parts) as Record<string, unknown>;
  }

  /** What one server holds after the same batches. */
  async function heldByOneServer(partitions: readonly number[]): Promise<Record<string, unknown>> {
    const alone = await startOwnRedis();
    const own = createRedisTransitionsSink({ url: alone.url });
    await own.open(WIDE_SOURCE);
    for (const partition of partitions) await own.write(batchOf(RECORDS, { partition }));
    await own.close();
    const client = new Redis(alone.url);
    try {
      return await snapshotOf(client, '');
    } finally {
      client.disconnect();
      await alone.stop();
    }
  }

  /** As a runtime does: the same batch until it is taken. The codes of what failed are noted. */
  async function deliver(records: readonly TransitionRecord[], partition: number, failures: string[] = []) {
    const deadline = Date.now() + PATIENCE.timeout;
    for (;;) {
      try {
        return await sink.write(batchOf(records, { partition }));
      } catch (error) {
        failures.push((error as { code: string }).code);
        if (Date.now() > deadline) throw error;
        await sleep(PATIENCE.interval);
      }
    }
  }

  test('the partitions lie on all nodes, and are read together', async () => {
    expect(new Set(PARTITIONS.map(nodeOf)).size).toBe(3);
    const [listening] = cluster.nodes;
    const alerts = await listenForAlerts(`redis://127.0.0.1:${listening?.port}`, '');
    await Promise.all(PARTITIONS.map((partition) => sink.write(batchOf(RECORDS, { partition }))));

    expect(await held()).toEqual(await heldByOneServer(PARTITIONS));
    const perPartition = new Set(STEPS.map(({ incident }) => incident)).size;
    const open = await reader.openIncidents({ limit: 1_000 });
    const counters = await reader.counters();
    expect(counters.get('transitions')).toBe(PARTITIONS.length * RECORDS.length);
    expect(open.length).toBeGreaterThan(0);
    expect(open.length % PARTITIONS.length).toBe(0);
    expect(open.length).toBeLessThan(PARTITIONS.length * perPartition);
    expect([...(await reader.openByService()).values()].reduce((sum, count) => sum + count)).toBe(
      open.length,
    );
    const [first] = open;
    expect(await reader.incident(first?.incidentId ?? '')).toEqual(first);

    // Any node hears the alerts of all partitions.
    const published = () => alerts.heard.filter(({ channel }) => channel === 'alerts').length;
    await vi.waitUntil(() => published() === counters.get('alerts'), PATIENCE);
    alerts.close();
  });

  test('a slot that moves to another node while the sink writes loses nothing and repeats nothing', async () => {
    const partition = 0;
    const from = nodeOf(partition);
    const to = cluster.nodes.find((node) => node !== from) as RedisClusterNode;
    const alerts = await listenForAlerts(`redis://127.0.0.1:${to.port}`, '');
    const failures: string[] = [];
    const write = async (start: number, end: number) => {
      for (let at = start; at < end; at += 10) await deliver(RECORDS.slice(at, at + 10), partition, failures);
    };
    await write(0, 150);
    const before = await reader.openIncidents();

    let writing: Promise<void> | undefined;
    await moveSlot(slotOf(partition), {
      from,
      to,
      halfway: async () => {
        expect(await reader.openIncidents()).toEqual(before);
        writing = write(150, RECORDS.length);
        await vi.waitUntil(() => failures.length > 0, PATIENCE);
      },
    });
    await writing;
    expect(new Set(failures)).toEqual(new Set(['REDIS_UNAVAILABLE']));

    expect(await held()).toEqual(await heldByOneServer([partition]));
    expect(await from.client.keys('incidents:{p0}:*')).toEqual([]);
    expect((await to.client.keys('incidents:{p0}:*')).length).toBeGreaterThan(5);
    const count = (await reader.counters()).get('alerts') ?? 0;
    const published = () => alerts.heard.filter(({ channel }) => channel === 'alerts');
    await vi.waitUntil(() => published().length >= count, PATIENCE);
    expect(new Set(published().map(({ alert }) => alert.id)).size).toBe(count);
    expect(published()).toHaveLength(count);
    alerts.close();
    await moveSlot(slotOf(partition), { from: to, to: from });
  });

  test('a node that is killed fails its own partitions with a coded error, and no others; it comes back by itself', async () => {
    const half = RECORDS.length / 2;
    for (const partition of PARTITIONS) await sink.write(batchOf(RECORDS.slice(0, half), { partition }));
    const node = nodeOf(0);
    await node.kill();

    const isAway = (partition: number) => nodeOf(partition) === node;
    const outcomes = await Promise.allSettled(
      PARTITIONS.map((partition) => sink.write(batchOf(RECORDS.slice(half), { partition }))),
    );
    for (const [partition, outcome] of outcomes.entries()) {
      if (isAway(partition)) {
        const reason = (outcome as PromiseRejectedResult).reason as Error;
        expect(reason).toMatchObject({ code: 'REDIS_UNAVAILABLE' });
        expect(reason.message).toContain(`incidents:{p${partition}}:applied`);
        expect(reason.message).toContain(`127.0.0.1:${node.port}`);
      } else expect(outcome.status).toBe('fulfilled');
    }
    await expect(reader.openIncidents()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    expect(await sink.appliedOffset(PARTITIONS.find((partition) => !isAway(partition)) ?? -1)).toBe(
      RECORDS.length - 1,
    );

    await node.restart();
    for (const partition of PARTITIONS.filter(isAway)) await deliver(RECORDS.slice(half), partition);
    expect(await held()).toEqual(await heldByOneServer(PARTITIONS));
  });
});
