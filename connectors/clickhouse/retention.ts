import { withClient } from './connection.ts';
import type { ClickHouseConnection } from './connection.ts';

/**
 * Has rows deleted some days after they were inserted: by the clock of ClickHouse, whatever time their events
 * carry, so that old data replayed today is not gone at once. Without a number of days what is set stays.
 */
export async function applyRetention(
  connection: ClickHouseConnection,
  tableName: string,
  retentionDays: number | undefined,
): Promise<void> {
  if (retentionDays === undefined) return;
  const expression = `toDateTime(inserted_at) + toIntervalDay(${Math.ceil(retentionDays)})`;
  await withClient(connection, async (client) => {
    const found = await client.query({
      query:
        'SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {tableName:String}',
      query_params: { tableName },
      format: 'JSONEachRow',
    });
    const [table] = await found.json<{ engine_full: string }>();
    if (table?.engine_full.includes(`TTL ${expression}`) === true) return;
    await client.command({ query: `ALTER TABLE ${tableName} MODIFY TTL ${expression}` });
  });
}
