import { join, resolve } from 'node:path';
import type { AnySinkConnector } from '@incident-streams/streams/embedded';
import {
  createDeadLettersSink,
  createEventsSink,
  createTransitionsSink,
  createWindowsSink,
} from '../../connectors/clickhouse/index.ts';
import { createRedisTransitionsSink, readRedisPipeline } from '../../connectors/redis/index.ts';
import { SINKS } from '../../topology/topics.ts';
import { startClickHouseEngine } from '../services/clickhouse-engine.ts';
import { startRedisServer } from '../services/redis-server.ts';

/** An outside system that the demo writes to, or why it does not. */
export type DemoService =
  | {
      readonly name: string;
      readonly url: string;
      readonly stop: () => Promise<void>;
      /** Where its tables are, as far as it has any. */
      readonly database?: string;
    }
  | { readonly name: string; readonly off: string };

/** On a server that the environment names, where `history` is the database of a pipeline in earnest. */
const DEMO_DATABASE = 'demo';

export interface DemoServices {
  readonly redis: DemoService;
  readonly clickhouse: DemoService;
  readonly sinks: Readonly<Record<string, AnySinkConnector>>;
}

interface Started {
  readonly service: DemoService;
  readonly sinks: Readonly<Record<string, AnySinkConnector>>;
}

export interface ServiceOptions {
  readonly dataDir: string;
  readonly redis: boolean;
  readonly clickhouse: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Finds or starts Redis and ClickHouse. What cannot run here is off, with the reason; nothing else depends on it. */
export async function startDemoServices(options: ServiceOptions): Promise<DemoServices> {
  const [redisStart, clickhouseStart] = await Promise.allSettled([
    startRedis(options),
    startClickHouse(options),
  ]);
  if (redisStart.status === 'rejected' || clickhouseStart.status === 'rejected') {
    for (const start of [redisStart, clickhouseStart])
      if (start.status === 'fulfilled') await stopService(start.value.service);
    throw firstReason(redisStart, clickhouseStart);
  }
  const [redis, clickhouse] = [redisStart.value, clickhouseStart.value];
  return {
    redis: redis.service,
    clickhouse: clickhouse.service,
    sinks: { ...redis.sinks, ...clickhouse.sinks },
  };
}

export async function stopDemoServices({ redis, clickhouse }: DemoServices): Promise<void> {
  await Promise.all([stopService(redis), stopService(clickhouse)]);
}

async function stopService(service: DemoService): Promise<void> {
  if ('stop' in service) await service.stop();
}

function firstReason(...starts: readonly PromiseSettledResult<unknown>[]): unknown {
  return starts.find((start) => start.status === 'rejected')?.reason;
}

async function startRedis({ dataDir, redis, environment }: ServiceOptions): Promise<Started> {
  const name = 'Redis';
  if (!redis) return off(name, 'switched off by --no-redis');
  const given = environment['REDIS_URL'];
  if (given !== undefined && given !== '') return useRedis(given, `demo ${resolve(dataDir)}`);
  const server = await startRedisServer({ dataDir: join(dataDir, 'redis') });
  if ('unavailable' in server) return off(name, server.unavailable);
  const { url, stop } = server;
  return on({ name, url, stop }, redisSinks({ url }));
}

/** A server that others may use too: what another pipeline keeps there is left alone. */
async function useRedis(url: string, pipeline: string): Promise<Started> {
  const name = 'Redis';
  const stop = () => Promise.resolve();
  // Whatever else is wrong with it may pass: the sink tries again.
  const holder = await readRedisPipeline({ url }).catch(() => undefined);
  if (holder === undefined || holder === pipeline)
    return on({ name, url, stop }, redisSinks({ url, pipeline }));
  return off(
    name,
    `what REDIS_URL names belongs to the pipeline "${holder}", which "${pipeline}" may not touch. Name another server ` +
      'or database (redis://host:port/1), or unset REDIS_URL to have a server started here. To take it over on purpose, ' +
      `stop "${holder}" and run redis-cli HDEL incidents:meta pipeline`,
  );
}

function redisSinks(
  options: Parameters<typeof createRedisTransitionsSink>[0],
): Readonly<Record<string, AnySinkConnector>> {
  return { [SINKS.redis]: createRedisTransitionsSink(options) };
}

async function startClickHouse({ dataDir, clickhouse, environment }: ServiceOptions): Promise<Started> {
  const name = 'ClickHouse';
  if (!clickhouse) return off(name, 'switched off by --no-clickhouse');
  const given = environment['CLICKHOUSE_URL'];
  if (given !== undefined && given !== '') {
    const database = databaseIn(given) ?? DEMO_DATABASE;
    const stop = () => Promise.resolve();
    return on({ name, url: given, database, stop }, clickHouseSinks({ url: given, database }));
  }
  const engine = await startClickHouseEngine({ dataDir: join(dataDir, 'clickhouse') });
  if ('unavailable' in engine) return off(name, engine.unavailable);
  const { url, database, writer, stop } = engine;
  return on({ name, url, database, stop }, clickHouseSinks({ url, database, ...writer }));
}

function databaseIn(url: string): string | undefined {
  const database = decodeURIComponent(new URL(url).pathname.slice(1));
  return database === '' ? undefined : database;
}

function clickHouseSinks(
  options: Parameters<typeof createTransitionsSink>[0],
): Readonly<Record<string, AnySinkConnector>> {
  return {
    [SINKS.transitionHistory]: createTransitionsSink(options),
    [SINKS.windowHistory]: createWindowsSink(options),
    [SINKS.eventHistory]: createEventsSink(options),
    [SINKS.deadLetterHistory]: createDeadLettersSink(options),
  };
}

function on(service: DemoService, sinks: Started['sinks']): Started {
  return { service, sinks };
}

function off(name: string, reason: string): Started {
  return { service: { name, off: reason }, sinks: {} };
}
