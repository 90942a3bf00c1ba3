import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startRedisServer } from '../../../cli/services/redis-server.ts';
import { snapshotOf } from '../../redis/snapshot.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Content } from './content.ts';

/** Everything that the Redis of a data directory holds, by key. The topic's epoch, another in every run, is blotted out. */
export async function redisContent(dataDir: string): Promise<Content> {
  const server = await startRedisServer({ dataDir: join(dataDir, 'redis') });
  if ('unavailable' in server) throw new Error(server.unavailable);
  try {
    return await redisContentAt(server.url);
  } finally {
    await server.stop();
  }
}

export async function redisContentAt(url: string): Promise<Content> {
  const client = new Redis(url);
  try {
    const epoch = await client.hget('incidents:meta', 'topicEpoch');
    if (epoch === null) throw new Error('Redis holds no incidents');
    const entries = Object.entries(await snapshotOf(client, ''));
    return new Map(
      entries.map(([key, value]) => [
        `redis ${key}`,
        (Array.isArray(value) ? value : [value]).map((item) =>
          canonicalJson(item).replaceAll(epoch, 'EPOCH'),
        ),
      ]),
    );
  } finally {
    client.disconnect();
  }
}
