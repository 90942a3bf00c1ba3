import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisIncidentReader, createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import type { RedisIncidentReader } from '../../connectors/redis/index.ts';
import { startRedisUnderTest } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { batchOf, recordsOf, SOURCE } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'reading incidents from Redis', () => {
  const FIRST = recordsOf([
    { incident: 'minor', type: 'OPENED', severity: 'MINOR' },
    { incident: 'major-old', type: 'OPENED', severity: 'MAJOR', service: 'search' },
    { incident: 'done', type: 'RESOLVED', severity: 'CRITICAL' },
    { incident: 'critical', type: 'OPENED', severity: 'CRITICAL', service: 'search' },
  ]);
  const SECOND = recordsOf([
    { incident: 'info', type: 'OPENED', severity: 'INFO' },
    { incident: 'pending', type: 'DETECTED', severity: 'CRITICAL' },
    { incident: 'major-new', type: 'OPENED', severity: 'MAJOR', service: 'mail' },
    { incident: 'major-new', type: 'ACKNOWLEDGED' },
    { incident: 'closed', type: 'CLOSED', severity: 'CRITICAL' },
  ]);

  let redis: RedisUnderTest;
  let reader: RedisIncidentReader;
  let prefix: string;

  beforeAll(async () => {
    redis = await startRedisUnderTest();
    prefix = redis.uniquePrefix();
    reader = createRedisIncidentReader({ url: redis.url, prefix });
  });
  afterAll(async () => {
    reader.close();
    await redis.stop();
  });

  test('before anything was written there are no incidents', async () => {
    expect(await reader.openIncidents()).toEqual([]);
    expect(await reader.incident('minor')).toBeUndefined();
    expect(await reader.openByService()).toEqual(new Map());
    expect(await reader.keptIncidents({ limit: 10 })).toEqual({ incidents: [], total: 0 });
  });

  test('open incidents come from all partitions, worst first, then youngest first', async () => {
    const sink = createRedisTransitionsSink({ url: redis.url, prefix });
    await sink.open(SOURCE);
    await sink.write(batchOf(FIRST));
    await sink.write(batchOf(SECOND, { partition: 1 }));
    await sink.close();

    const ids = async (query?: Parameters<RedisIncidentReader['openIncidents']>[0]) =>
      (await reader.openIncidents(query)).map(({ incidentId }) => incidentId);
    expect(await ids()).toEqual(['critical', 'major-new', 'major-old', 'minor', 'info']);
    expect(await ids({ limit: 2 })).toEqual(['critical', 'major-new']);
    expect(await ids({ limit: 0 })).toEqual([]);
    expect(await ids({ severity: 'MAJOR' })).toEqual(['major-new', 'major-old']);
    expect(await ids({ service: 'search' })).toEqual(['critical', 'major-old']);
    expect(await ids({ service: 'search', severity: 'MINOR' })).toEqual([]);
    await expect(reader.openIncidents({ limit: -1 })).rejects.toMatchObject({ code: 'REDIS_USAGE' });
  });

  test('an incident is found by its id in any partition, with its whole state, until it is closed', async () => {
    expect(await reader.incident('major-new')).toEqual(SECOND[3]?.value?.state);
    expect(await reader.incident('pending')).toEqual(SECOND[1]?.value?.state);
    expect(await reader.incident('done')).toEqual(FIRST[2]?.value?.state);
    expect(await reader.incident('closed')).toBeUndefined();
  });

  test('incidents of every status but CLOSED are read, those that are open first, up to a limit', async () => {
    const ids = async (limit: number) =>
      (await reader.keptIncidents({ limit })).incidents.map(({ incidentId }) => incidentId);
    const open = ['critical', 'major-new', 'major-old', 'minor', 'info'];
    expect((await ids(100)).slice(0, 5)).toEqual(open);
    expect((await ids(100)).slice(5).sort()).toEqual(['done', 'pending']);
    expect(await ids(3)).toEqual(open.slice(0, 3));
    expect(await ids(6)).toHaveLength(6);
    expect((await reader.keptIncidents({ limit: 3 })).total).toBe(7);
    expect(await reader.openCount()).toBe(5);
    expect(await reader.openCount({ service: 'search' })).toBe(2);
  });

  test('counts are summed over partitions', async () => {
    expect(await reader.openByService()).toEqual(
      new Map([
        ['payments', 2],
        ['search', 2],
        ['mail', 1],
      ]),
    );
    const counters = await reader.counters();
    expect(counters.get('transitions')).toBe(9);
    expect(counters.get('OPENED')).toBe(5);
  });

  test('what redis-cli shows is what the documentation says', async () => {
    const client = new Redis(redis.url);
    const keys = [`${prefix}incidents:{p0}:open`, `${prefix}incidents:{p1}:open`];
    const worst = await client.zunion(2, keys, 'WITHSCORES');
    expect(worst.filter((_, i) => i % 2 === 0)).toEqual([
      'critical',
      'major-new',
      'major-old',
      'minor',
      'info',
    ]);
    client.disconnect();
  });
});
