import type { Redis } from 'ioredis';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisIncidentReader, createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { foldBatch } from '../../connectors/redis/fold-batch.ts';
import { RedisKeys } from '../../connectors/redis/redis-keys.ts';
import { startClusterOfOne } from './cluster-of-one.ts';
import type { ClusterOfOne } from './cluster-of-one.ts';
import { batchOf, EPOCH, recordsOf, SOURCE } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'Redis Cluster', () => {
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

  test('all keys of a script call lie in one slot, whatever incidents and services are called', async () => {
    const step = fc.record({
      incident: fc.string({ unit: fc.constantFrom('a', '{', '}', ':', 'ü', '') }),
      service: fc.string({ unit: fc.constantFrom('s', '{', '}', '{p9}', ' ') }),
      type: fc.constantFrom('OPENED' as const, 'CLOSED' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 5 }), fc.nat(5_000), async (steps, partition) => {
        const keys = new RedisKeys('some:').partition(partition);
        const folded = foldBatch(recordsOf(steps), { keys, partition, topicEpoch: 1 });
        const pipeline = client.pipeline();
        for (const key of folded.keys) pipeline.cluster('KEYSLOT', key);
        const slots = new Set((await pipeline.exec())?.map(([, slot]) => slot));
        expect(slots).toEqual(new Set([await client.cluster('KEYSLOT', `p${partition}`)]));
      }),
      { numRuns: 50 },
    );
  });

  test('a server in cluster mode takes the scripts, also the one that empties an earlier topic', async () => {
    const sink = createRedisTransitionsSink({ url: node.url });
    await sink.open(SOURCE);
    await sink.write(batchOf(RECORDS));
    await sink.write(batchOf(RECORDS, { partition: 1 }));
    const reader = createRedisIncidentReader({ url: node.url });
    expect(await reader.openIncidents()).toHaveLength(4);

    await sink.open({ ...SOURCE, topicEpoch: EPOCH + 1 });
    expect(await reader.openIncidents()).toEqual([]);
    expect(await client.keys('*incident:*')).toEqual([]);
    reader.close();
    await sink.close();
  });
});
