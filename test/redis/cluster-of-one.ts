import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startOwnRedis } from './redis-under-test.ts';

export interface ClusterOfOne {
  readonly url: string;
  readonly client: Redis;
  readonly stop: () => Promise<void>;
}

/** A cluster of one node: it refuses a script whose keys are not all in one slot, as any cluster does. */
export async function startClusterOfOne(): Promise<ClusterOfOne> {
  const node = await startOwnRedis({ 'cluster-enabled': 'yes' });
  const client = new Redis(node.url);
  await client.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  while (!(await client.cluster('INFO')).includes('cluster_state:ok')) await sleep(20);
  const stop = async (): Promise<void> => {
    client.disconnect();
    await node.stop();
  };
  return { url: node.url, client, stop };
}
