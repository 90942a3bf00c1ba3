import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIncidentReader } from '../../cli/run/api/redis-incidents.ts';
import { pageOfIncidents, servicesOf } from '../../connectors/http/index.ts';
import type { IncidentQuery, IncidentReader } from '../../connectors/http/index.ts';
import { createRedisIncidentReader, createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import type { RedisIncidentReader } from '../../connectors/redis/index.ts';
import { SEVERITY_SYMBOLS } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { startRedisUnderTest } from '../redis/redis-under-test.ts';
import type { RedisUnderTest } from '../redis/redis-under-test.ts';
import { batchOf, recordsOf, SOURCE } from '../redis/transitions.ts';
import type { TransitionRecord } from '../redis/transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

const TYPES = ['OPENED', 'ACKNOWLEDGED', 'OPENED', 'DETECTED', 'RESOLVED', 'CLOSED'] as const;
const SERVICES = ['shop', 'mail', 'search'];

/** Incidents of all kinds; five at a time have their first problem in the same moment. */
function incidentsOf(partition: number): TransitionRecord[] {
  const steps = Array.from({ length: 300 }, (_, i) => ({
    incident: `${(i * 7919) % 1_000}-${partition}`,
    type: TYPES[(i * 5 + partition) % TYPES.length] ?? 'OPENED',
    severity: SEVERITY_SYMBOLS[(i >> 3) % SEVERITY_SYMBOLS.length] ?? 'MAJOR',
    service: SERVICES[i % SERVICES.length] ?? 'shop',
  }));
  return recordsOf(steps).map((record, i) => {
    if (record.value === null) return record;
    const state = { ...record.value.state, firstProblemAt: 1_600_000_000_000 + Math.floor(i / 5) * 1_000 };
    return { ...record, value: { ...record.value, state } };
  });
}

await describeWithPrograms(['redis-server'], 'the lists of incidents that are answered from Redis', () => {
  const BATCHES = [incidentsOf(0), incidentsOf(1)];
  const states: IncidentState[] = BATCHES.flat().flatMap(({ value }) =>
    value === null ? [] : [value.state],
  );
  const kept = states.filter(({ status }) => status !== 'CLOSED');
  let redis: RedisUnderTest;
  let reader: RedisIncidentReader;
  let incidents: IncidentReader;

  beforeAll(async () => {
    redis = await startRedisUnderTest();
    const options = { url: redis.url, prefix: redis.uniquePrefix() };
    const sink = createRedisTransitionsSink(options);
    await sink.open(SOURCE);
    for (const [partition, records] of BATCHES.entries()) await sink.write(batchOf(records, { partition }));
    await sink.close();
    reader = createRedisIncidentReader(options);
    incidents = createIncidentReader({ redis: reader, ruleSet: { rules: [] }, timeline: undefined });
  });
  afterAll(async () => {
    reader.close();
    await redis.stop();
  });

  async function allPages(query: Omit<IncidentQuery, 'cursor'>): Promise<string[]> {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await incidents.list({ ...query, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.notLookedThrough ?? 0).toBe(0);
      seen.push(...page.incidents.map(({ incidentId }) => incidentId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return seen;
  }

  test.each<Partial<IncidentQuery>>([
    {},
    { status: ['PENDING', 'RESOLVED'] },
    { status: ['OPEN', 'ACKNOWLEDGED'] },
    { status: ['OPEN', 'ACKNOWLEDGED'], order: 'oldest' },
    { status: ['ACKNOWLEDGED'], severity: ['MAJOR'] },
    { status: ['OPEN'], severity: ['CRITICAL', 'INFO'], service: 'mail' },
    { order: 'newest', service: 'shop' },
    { since: 1_600_000_010_000, until: 1_600_000_020_000, text: 'MAIL' },
  ])('are those that a look at all incidents gives: %j', async (query) => {
    const expected = pageOfIncidents(kept, { ...query, limit: kept.length });
    const ids = expected.incidents.map(({ incidentId }) => incidentId);
    expect(ids.length).toBeGreaterThan(7);
    expect(await allPages({ ...query, limit: 7 })).toEqual(ids);
    expect(await allPages({ ...query, limit: 500 })).toEqual(ids);
  });

  test('the worst open incidents, however few are asked for, are where the whole list begins', async () => {
    const open = pageOfIncidents(kept, { status: ['OPEN', 'ACKNOWLEDGED'], limit: 30 }).incidents;
    for (let limit = 1; limit <= open.length; limit++)
      expect(await reader.openIncidents({ limit })).toEqual(open.slice(0, limit));
  });

  test('services are those that a look at all incidents gives', async () => {
    expect(await incidents.services()).toEqual({ services: servicesOf(kept), notLookedThrough: 0 });
  });
});
