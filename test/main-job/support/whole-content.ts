import { clickHouseContent } from './clickhouse-content.ts';
import { mergeContents } from './content.ts';
import type { Content } from './content.ts';
import { redisContent } from './redis-content.ts';
import { streamsContent } from './streams-content.ts';

/** All that a run has left behind in its data directory: topics, stores, progress, ledger, Redis, ClickHouse. */
export async function wholeContent(dataDir: string): Promise<Content> {
  const [streams, redis, clickHouse] = await Promise.all([
    streamsContent(dataDir),
    redisContent(dataDir),
    clickHouseContent(dataDir),
  ]);
  return mergeContents(streams, redis, clickHouse);
}
