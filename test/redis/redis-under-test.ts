import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedisServer } from '../../cli/services/redis-server.ts';

export interface RedisUnderTest {
  readonly url: string;
  /** A prefix that nothing else on the server uses. */
  readonly uniquePrefix: () => string;
  readonly stop: () => Promise<void>;
}

let prefixes = 0;

function uniquePrefix(): string {
  return `test-${process.pid}-${Date.now()}-${prefixes++}:`;
}

/** The server named by REDIS_URL, or one of its own in a temporary folder. */
export async function startRedisUnderTest(): Promise<RedisUnderTest> {
  const given = process.env['REDIS_URL'];
  if (given !== undefined && given !== '') return { url: given, uniquePrefix, stop: () => Promise.resolve() };
  return startOwnRedis();
}

/** A server that a test may flush, limit and stop. */
export async function startOwnRedis(settings: Record<string, string> = {}): Promise<RedisUnderTest> {
  const dataDir = await mkdtemp(join(tmpdir(), 'redis-test-'));
  const server = await startRedisServer({ dataDir, settings });
  if ('unavailable' in server) throw new Error(server.unavailable);
  const stop = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true });
  };
  return { url: server.url, uniquePrefix, stop };
}
