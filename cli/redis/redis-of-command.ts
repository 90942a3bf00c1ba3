import { configSchema } from '../run/config/config-schema.ts';
import { loadConfig } from '../run/config/load-config.ts';
import { readSources } from '../run/config/sources.ts';
import type { Environment } from '../run/config/sources.ts';
import { redisOf } from '../run/outside-systems.ts';
import { UsageError } from '../errors.ts';

export interface RedisOfCommand {
  readonly environment: Environment;
  /** The configuration file; what follows takes the place of what is in it. */
  readonly config?: string;
  readonly url?: string;
  readonly prefix?: string;
}

/**
 * How Redis is reached: by the options of the command line, else by the configuration that `incidents run` goes by, of which
 * only this part has to be there.
 * @throws {ConfigError} naming what is wrong
 * @throws {UsageError} where nothing says which Redis
 */
export function redisOfCommand({ environment, config, url, prefix }: RedisOfCommand) {
  const sources = { environment, ...(config === undefined ? {} : { file: config }) };
  const parsed = configSchema.shape.redis.safeParse(readSources(sources).tree.redis);
  const redis = redisOf({ redis: parsed.success ? parsed.data : loadConfig(sources).redis });
  const reached = url ?? redis?.url;
  if (reached === undefined) throw new UsageError('Which Redis? Give --url <url> or set REDIS_URL');
  return { ...redis, url: reached, ...(prefix === undefined ? {} : { prefix }) };
}
