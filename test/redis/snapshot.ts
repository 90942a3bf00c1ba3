import type { Redis } from 'ioredis';

/** Everything that Redis holds under a prefix, by key, with the prefix cut off: two of them can be compared. */
export async function snapshotOf(client: Redis, prefix: string): Promise<Record<string, unknown>> {
  const found = await client.keys(`${prefix}*`);
  const entries: [string, unknown][] = [];
  for (const key of found.sort()) entries.push([key.slice(prefix.length), await contentOf(client, key)]);
  return Object.fromEntries(entries);
}

async function contentOf(client: Redis, key: string): Promise<unknown> {
  const type = await client.type(key);
  if (type === 'hash') return client.hgetall(key);
  if (type === 'set') return (await client.smembers(key)).sort();
  if (type === 'zset') return client.zrange(key, 0, '-1', 'WITHSCORES');
  if (type === 'stream') return client.xrange(key, '-', '+');
  return client.get(key);
}
