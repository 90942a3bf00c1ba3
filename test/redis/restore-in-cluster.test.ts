import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisTransitionsSink, rebuildRedis } from '../../connectors/redis/index.ts';
import { startClusterOfOne } from './cluster-of-one.ts';
import type { ClusterOfOne } from './cluster-of-one.ts';
import { snapshotAfter } from './state-snapshot.ts';
import { batchOf, recordsOf, SOURCE } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'restoring a Redis Cluster', () => {
  const RECORDS = recordsOf([
    { incident: 'a', type: 'OPENED', service: 'one' },
    { incident: '{b}', type: 'OPENED', service: '{two}' },
  ]);

  let node: ClusterOfOne;
  let client: Redis;

  beforeAll(async () => {
    node = await startClusterOfOne();
    client = node.client;
  });
  afterAll(() => node.stop());

  test('a server in cluster mode takes the scripts that write a snapshot, replace one and ask for a rebuild', async () => {
    const url = node.url.replace('redis://', 'redis+cluster://');
    const sink = createRedisTransitionsSink({ url });
    await sink.open(SOURCE);
    await sink.writeSnapshot?.(snapshotAfter(RECORDS));
    await sink.write(batchOf(RECORDS, { mode: 'restore' }));
    expect(await client.zcard('incidents:{p0}:open:{two}')).toBe(1);
    expect(await rebuildRedis({ url, partition: 0, waitMs: 0 })).toMatchObject({ outcome: 'unattended' });
    expect(await sink.appliedOffset(0)).toBe(-1);
    await sink.writeSnapshot?.(snapshotAfter(RECORDS.slice(0, 1), 1));
    await sink.write(batchOf(RECORDS, { mode: 'restore' }));
    expect(await client.keys('*{two}*')).toEqual([]);
    expect(await client.smembers('incidents:{p0}:ids')).toEqual(['a']);
    await sink.close();
  });
});
