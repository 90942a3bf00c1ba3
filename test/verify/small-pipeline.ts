import { createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { createRedisIncidentReader } from '../../connectors/redis/index.ts';
import { ApiClient } from '../main-job/support/api-client.ts';
import { eventually, rulesFile, startRun } from '../run/support/run-process.ts';
import type { RunProcess } from '../run/support/run-process.ts';
import { Upstream, isolated, problem } from '../run/support/upstream.ts';
import type { ServiceUrls } from '../run/support/upstream.ts';
import { uniqueName } from '../services/describe-with.ts';
import { verify } from './verify-process.ts';

export type AllUrls = ServiceUrls & { readonly clickhouse: string };

export interface SmallPipeline {
  readonly prefix: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly run: RunProcess;
  readonly upstream: Upstream;
  readonly redis: Redis;
  readonly clickhouse: ClickHouseClient;
}

/** A pipeline of this test alone, with a history in ClickHouse, that has just become ready. */
export async function startSmallPipeline(
  urls: AllUrls,
  changes: Readonly<Record<string, string>> = {},
): Promise<SmallPipeline> {
  const { prefix, environment: base } = isolated(urls);
  const database = uniqueName('verify').replaceAll('-', '_');
  const environment = {
    ...base,
    INCIDENTS_CLICKHOUSE_URL: urls.clickhouse,
    INCIDENTS_CLICKHOUSE_DATABASE: database,
    INCIDENTS_TOPICS_PARTITIONS: '2',
    INCIDENTS_TOPICS_EVENTS_PARTITIONS: '3',
    INCIDENTS_RULES_FILE: rulesFile({ graceMs: 500, windowMs: 1_000 }),
    ...changes,
  };
  const run = startRun(environment);
  await run.whenReady();
  const upstream = await Upstream.connect(urls, prefix);
  const redis = new Redis(urls.redis, { lazyConnect: true });
  redis.on('error', () => undefined);
  onTestFinished(() => redis.disconnect());
  const clickhouse = createClient({ url: new URL('/', urls.clickhouse), database });
  onTestFinished(() => clickhouse.close());
  return { prefix, environment, run, upstream, redis, clickhouse };
}

/**
 * Everything that can happen to an event: it is applied, comes twice, comes late, is rejected, cannot be read; and an
 * operator's commands, one of which is refused. Resolves with an incident that is acknowledged.
 */
export async function sendSomeOfEverything(pipeline: SmallPipeline): Promise<IncidentState> {
  const { upstream, run } = pipeline;
  const api = new ApiClient(await run.api());
  const critical = problem({ id: 'critical', severity: 'CRITICAL' });
  await upstream.send([critical, critical]);
  for (let i = 0; i < 12; i++)
    await upstream.send([
      problem({ id: `one-${i}`, component: `part-${i % 5}`, severity: i % 4 === 0 ? 'CRITICAL' : 'MINOR' }),
      problem({ id: `other-${i}`, service: 'search', component: `node-${i % 3}` }),
    ]);
  await upstream.send([problem({ id: 'too late', time: Date.now() - 3_600_000 })]);
  await upstream.send([problem({ id: 'too early', time: Date.now() + 86_400_000 })]);
  await upstream.sendBytes(Buffer.from('no event'));
  const incident = await openIncident(pipeline, 'shop/checkout');
  await api.post(`/incidents/${incident.incidentId}/acknowledge`, { actor: 'ann' });
  await api.post(`/incidents/${incident.incidentId}/acknowledge`, { actor: 'ben' });
  return eventually(async () => {
    const acknowledged = await openIncident(pipeline, 'shop/checkout');
    if (acknowledged.status !== 'ACKNOWLEDGED') throw new Error(`it is ${acknowledged.status}`);
    return acknowledged;
  });
}

/**
 * Stops the pipeline where nothing waits anywhere: one that writes no ticks works off what the first has left, and
 * brings about nothing new.
 */
export async function stopWithNothingLeft({ run, environment }: SmallPipeline): Promise<void> {
  await run.stop('SIGTERM');
  const quiet = startRun({ ...environment, INCIDENTS_TICKS_ENABLED: 'false' });
  await quiet.whenReady();
  const { exitCode, findings } = await verify(environment, ['--timeout', '90']);
  if (exitCode !== 0) throw new Error(`before anything was changed: ${JSON.stringify(findings)}`);
  await quiet.stop('SIGTERM');
}

/** As Redis has it. */
function openIncident({ environment, prefix }: SmallPipeline, key: string): Promise<IncidentState> {
  return eventually(async () => {
    const reader = createRedisIncidentReader({ url: environment['INCIDENTS_REDIS_URL'] ?? '', prefix });
    try {
      const found = (await reader.openIncidents()).find(({ correlationKey }) => correlationKey === key);
      if (found === undefined) throw new Error(`${key} has no open incident`);
      return found;
    } finally {
      reader.close();
    }
  });
}
