import type { ClickHouseConnectionOptions } from '../../connectors/clickhouse/index.ts';
import type { RedisIncidentReaderOptions } from '../../connectors/redis/index.ts';
import type { RunConfig } from './config/config-schema.ts';

/** How Redis is reached; undefined where it is not used. */
export function redisOf({ redis }: Pick<RunConfig, 'redis'>): RedisIncidentReaderOptions | undefined {
  const { url, prefix, timeoutMs } = redis;
  return url === undefined ? undefined : { url, prefix, timeoutMs };
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
