import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { listenForAlerts } from './alert-listener.ts';
import type { AlertListener } from './alert-listener.ts';
import { startRedisPipeline } from './redis-pipeline.ts';
import type { RedisPipeline } from './redis-pipeline.ts';
import { snapshotOf } from './snapshot.ts';
import { recordsOf } from './transitions.ts';
import type { Step, TransitionRecord } from './transitions.ts';
import { openVirtualAddress } from './virtual-address.ts';
import type { VirtualAddress } from './virtual-address.ts';
import { startRedis } from '../services/native/redis.ts';
import type { RunningProgram } from '../../stack/native/running-service.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

const NOWHERE = 'redis://127.0.0.1:1';
const PATIENCE = { timeout: 90_000, interval: 20 };

const LIFE = ['OPENED', 'ESCALATED', 'UPDATED', 'ACKNOWLEDGED', 'RESOLVED', 'CLOSED'] as const;

/** 200 incidents: each opens, gets worse, is acknowledged, and ends. Four of its six steps are alerts. */
const STEPS: readonly Step[] = Array.from({ length: 1_200 }, (_, index) => ({
  incident: `i-${index % 200}`,
  service: `service-${(index % 200) % 20}`,
  type: LIFE[Math.floor(index / 200)] ?? 'UPDATED',
}));

await describeWithPrograms(['redis-server'], "a fail-over that loses Redis' last writes", () => {
  const records = recordsOf(STEPS);
  const [kept, lost, unconfirmed] = [records.slice(0, 500), records.slice(500, 800), records.slice(800)];
  let folder: string;
  let master: RunningProgram;
  let replica: RunningProgram;
  let onMaster: Redis;
  let onReplica: Redis;
  let address: VirtualAddress;
  let pipeline: RedisPipeline;
  /** What Redis holds when nothing ever happens to it. */
  let undisturbed: unknown;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redis-failover-'));
    const quiet = await start('quiet');
    const client = clientOf(quiet);
    const quietPipeline = await startRedisPipeline({ url: quiet.url });
    quietPipeline.produce(records);
    await quietPipeline.caughtUp();
    undisturbed = await heldBy(client);
    await quietPipeline.close();
    client.disconnect();
    await quiet.stop();
  }, 120_000);
  beforeEach(async () => {
    [master, replica] = await Promise.all([start('master'), start('replica')]);
    [onMaster, onReplica] = [clientOf(master), clientOf(replica)];
    await onReplica.call('REPLICAOF', '127.0.0.1', new URL(master.url).port);
    // Nothing was written yet: this counts the replicas that are there.
    await vi.waitUntil(async () => (await onMaster.wait(1, 100)) === 1, PATIENCE);
    address = await openVirtualAddress(master.url);
    pipeline = await startRedisPipeline({ url: address.url, timeoutMs: 10_000 });
  }, 120_000);
  afterEach(async () => {
    await pipeline.close();
    address.close();
    for (const client of [onMaster, onReplica]) client.disconnect();
    for (const program of [master, replica]) await program.stop();
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function start(name: string): Promise<RunningProgram> {
    await mkdir(join(folder, name), { recursive: true });
    return startRedis(join(folder, name));
  }

  function clientOf({ url }: RunningProgram): Redis {
    return new Redis(url).on('error', () => undefined);
  }

  async function deliver(some: readonly TransitionRecord[]): Promise<void> {
    pipeline.produce(some);
    await pipeline.caughtUp();
  }

  /** Not by WAIT, which speaks of the writes of its own connection. */
  async function untilReplicated(): Promise<void> {
    await vi.waitFor(async () => {
      expect(await snapshotOf(onReplica, '')).toEqual(await snapshotOf(onMaster, ''));
    }, PATIENCE);
  }

  /** From here on the replica provably lacks what the master confirms. */
  async function cutOffReplica(): Promise<void> {
    await untilReplicated();
    await onReplica.call('REPLICAOF', 'NO', 'ONE');
  }

  async function failOver(): Promise<void> {
    await master.kill();
    address.pointTo(replica.url);
  }

  async function appliedBy(client: Redis): Promise<number> {
    const keys = await client.keys('incidents:{*}:counters');
    const counts = await Promise.all(keys.map((key) => client.hget(key, 'transitions')));
    return counts.reduce((sum, count) => sum + Number(count), 0);
  }

  test(
    'state and streams are complete afterwards, and what was confirmed is not published again',
    { timeout: 240_000 },
    async () => {
      const first = await listenForAlerts(master.url, '');
      await deliver(kept);
      await cutOffReplica();
      await deliver(lost);
      expect(await appliedBy(onReplica)).toBe(kept.length);
      const before = await alertsHeard(first);

      const second = await listenForAlerts(replica.url, '');
      await failOver();
      // Nothing new comes: it is noticed all the same.
      await vi.waitUntil(async () => (await appliedBy(onReplica)) === kept.length + lost.length, PATIENCE);
      await deliver(unconfirmed);
      const after = await alertsHeard(second);

      expect(await heldBy(onReplica)).toEqual(undisturbed);
      expect([...before, ...after].toSorted()).toEqual((await alertsIn(onReplica)).toSorted());
    },
  );

  test(
    'only what was published, but never confirmed, is published again, under the same ids',
    { timeout: 240_000 },
    async () => {
      const first = await listenForAlerts(master.url, '');
      await deliver(kept);
      await cutOffReplica();
      await deliver(lost);
      const confirmed = await appliedBy(onMaster);
      address.loseAnswers();
      pipeline.produce(unconfirmed);
      await vi.waitUntil(async () => (await appliedBy(onMaster)) > confirmed, PATIENCE);
      address.pointTo(NOWHERE);
      await vi.waitUntil(
        async () =>
          ((await onMaster.call('CLIENT', 'LIST', 'TYPE', 'NORMAL')) as string).split('\n').length <= 3,
        PATIENCE,
      );
      const before = await alertsHeard(first);
      const held = await alertsIn(onMaster);

      const second = await listenForAlerts(replica.url, '');
      await failOver();
      await pipeline.caughtUp();
      const after = await alertsHeard(second);

      expect(await heldBy(onReplica)).toEqual(undisturbed);
      expect(before.toSorted()).toEqual(held.toSorted());
      const repeated = after.filter((id) => before.includes(id));
      const mayBeRepeated = unconfirmed.map(({ value }) => `${value?.incidentId}/${value?.version}`);
      expect(repeated.length).toBeGreaterThan(0);
      expect(mayBeRepeated).toEqual(expect.arrayContaining(repeated));
      expect(new Set(after).size).toBe(after.length);
      const streams = await alertsIn(onReplica);
      expect([...new Set([...before, ...after])].toSorted()).toEqual(streams.toSorted());
    },
  );

  test(
    'with min-replicas-to-write a master that is cut off takes nothing, so nothing is lost',
    { timeout: 240_000 },
    async () => {
      await onMaster.config('SET', 'min-replicas-to-write', '1');
      const first = await listenForAlerts(master.url, '');
      await deliver(kept);
      await cutOffReplica();
      pipeline.produce([...lost, ...unconfirmed]);
      await vi.waitUntil(
        async () => (await onMaster.info('errorstats')).includes('errorstat_NOREPLICAS'),
        PATIENCE,
      );
      expect(await appliedBy(onMaster)).toBe(kept.length);
      const before = await alertsHeard(first);

      const second = await listenForAlerts(replica.url, '');
      await failOver();
      await pipeline.caughtUp();
      const after = await alertsHeard(second);
      expect(await heldBy(onReplica)).toEqual(undisturbed);
      expect([...before, ...after].toSorted()).toEqual((await alertsIn(onReplica)).toSorted());
    },
  );

  /** Everything but the time at which the topic was made, which differs from run to run. */
  async function heldBy(client: Redis): Promise<unknown> {
    const epoch = await client.hget('incidents:meta', 'topicEpoch');
    return JSON.parse(JSON.stringify(await snapshotOf(client, '')).replaceAll(String(epoch), 'EPOCH'));
  }

  /** The ids of what was published up to now. */
  async function alertsHeard(listener: AlertListener): Promise<string[]> {
    await listener.settle();
    listener.close();
    return listener.heard.filter(({ channel }) => channel === 'alerts').map(({ alert }) => alert.id);
  }

  async function alertsIn(client: Redis): Promise<string[]> {
    const streams = await client.keys('incidents:{*}:alerts');
    const entries = await Promise.all(streams.map((key) => client.xrange(key, '-', '+')));
    return entries.flat().map(([, [, alert]]) => (JSON.parse(alert ?? '') as { id: string }).id);
  }
});
