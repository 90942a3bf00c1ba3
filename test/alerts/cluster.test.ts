import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashSlotOf } from '../../connectors/redis/hash-slot.ts';
import { startRedisCluster } from '../services/native/redis-cluster.ts';
import type { RunningRedisCluster } from '../services/native/redis-cluster.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { AlertWriter } from './alert-writer.ts';
import { alertsOf, idsByPartition, receive } from './received.ts';

const PARTITIONS = 6;
const PATIENCE = { timeout: 50_000 };

await describeWithPrograms(['redis-server'], 'alerts from Redis Cluster', () => {
  let folder: string;
  let cluster: RunningRedisCluster;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'alerts-cluster-'));
    cluster = await startRedisCluster(folder);
  });
  afterAll(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const nodeOf = (partition: number) => cluster.nodeOf(hashSlotOf(`p${partition}`));

  test('each node dies and comes back: those of the others go on, and each comes once, in order', async () => {
    const writer = await AlertWriter.open(cluster.url, { partitions: PARTITIONS, length: 200 });
    const receiver = receive({ url: cluster.url, from: 'now', timeoutMs: 1_000, pollMs: 200 });
    await receiver.subscription.begun();
    await receiver.told('connected');
    expect(new Set(Array.from({ length: PARTITIONS }, (_, partition) => nodeOf(partition))).size).toBe(3);
    await writer.write(20);
    await receiver.received(writer.count());

    for (const node of cluster.nodes) {
      await node.kill();
      for (let partition = 0; partition < PARTITIONS; partition++) {
        if (nodeOf(partition) !== node) await eventually(() => writer.writeTo(partition, 12));
      }
      await receiver.received(writer.count());
      await node.restart();
      await eventually(() => writer.restore());
      await eventually(() => writer.write(6));
      await receiver.received(writer.count());
    }
    await writer.write();
    await receiver.received(writer.count());
    await receiver.close();
    await writer.close();

    expect(idsByPartition(alertsOf(receiver.deliveries), PARTITIONS)).toEqual(writer.written());
    expect(receiver.statuses.some(({ state }) => state === 'gap')).toBe(false);
  }, 120_000);

  async function eventually(write: () => Promise<void>): Promise<void> {
    await expect.poll(() => write().then(() => 'written', String), PATIENCE).toBe('written');
  }
});
