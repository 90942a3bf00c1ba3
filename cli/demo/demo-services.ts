import { join } from 'node:path';
import type { AnySinkConnector } from '@incident-streams/streams/embedded';
import {
  createDeadLettersSink,
  createEventsSink,
  createTransitionsSink,
  createWindowsSink,
} from '../../connectors/clickhouse/index.ts';
import { createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { SINKS } from '../../topology/topics.ts';
import { startClickHouseEngine } from '../services/clickhouse-engine.ts';
import { startRedisServer } from '../services/redis-server.ts';

/** An outside system that the demo writes to, or why it does not. */
export type DemoService =
  | { readonly name: string; readonly url: string; readonly stop: () => Promise<void> }
  | { readonly name: string; readonly off: string };

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
  if (given !== undefined && given !== '') return on(name, given, redisSinks(given), () => Promise.resolve());
  const server = await startRedisServer({ dataDir: join(dataDir, 'redis') });
  if ('unavailable' in server) return off(name, server.unavailable);
  return on(name, server.url, redisSinks(server.url), server.stop);
}

function redisSinks(url: string): Readonly<Record<string, AnySinkConnector>> {
  return { [SINKS.redis]: createRedisTransitionsSink({ url }) };
}

async function startClickHouse({ dataDir, clickhouse, environment }: ServiceOptions): Promise<Started> {
  const name = 'ClickHouse';
  if (!clickhouse) return off(name, 'switched off by --no-clickhouse');
  const given = environment['CLICKHOUSE_URL'];
  if (given !== undefined && given !== '')
    return on(name, given, clickHouseSinks({ url: given }), () => Promise.resolve());
  const engine = await startClickHouseEngine({ dataDir: join(dataDir, 'clickhouse') });
  if ('unavailable' in engine) return off(name, engine.unavailable);
  const { url, database, writer } = engine;
  return on(name, url, clickHouseSinks({ url, database, ...writer }), engine.stop);
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

function on(name: string, url: string, sinks: Started['sinks'], stop: () => Promise<void>): Started {
  return { service: { name, url, stop }, sinks };
}

function off(name: string, reason: string): Started {
  return { service: { name, off: reason }, sinks: {} };
}
