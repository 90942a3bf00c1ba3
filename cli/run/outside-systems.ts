import type { ClickHouseConnectionOptions } from '../../connectors/clickhouse/index.ts';
import type { RedisIncidentReaderOptions } from '../../connectors/redis/index.ts';
import type { RunConfig } from './config/config-schema.ts';
import { readTlsFiles } from './tls-files.ts';

/**
 * How Redis is reached; undefined where it is not used.
 *
 * @throws {ConfigError} for a certificate file that cannot be read.
 */
export function redisOf({ redis }: Pick<RunConfig, 'redis'>): RedisIncidentReaderOptions | undefined {
  const { url, prefix, timeoutMs, tls, sentinel } = redis;
  if (url === undefined) return undefined;
  return {
    url,
    prefix,
    timeoutMs,
    ...(hasAny(tls) ? { tls: readTlsFiles('redis.tls', tls) } : {}),
    ...(hasAny(sentinel) ? { sentinel } : {}),
  };
}

/** As whom the sinks write: pipelines that share a Kafka cluster differ in one of the two. */
export function pipelineName({ applicationId, topics }: RunConfig): string {
  return topics.prefix === '' ? applicationId : `${applicationId} ${topics.prefix}`;
}

/** How ClickHouse is reached; undefined where it is not used. */
export function clickHouseOf({ clickhouse }: RunConfig): ClickHouseConnectionOptions | undefined {
  const { url, username, password, database } = clickhouse;
  if (url === undefined) return undefined;
  return {
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
  };
}

function hasAny(section: object): boolean {
  return Object.keys(section).length > 0;
}
