import { createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';

type ClickHouseConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>;

/*
 * Writes three versions of two incidents and prints, as JSON, what a reader sees of them. A process of its own,
 * because the embedded engine brings native code that a test's worker is better kept from.
 */
const [url = '', table = ''] = process.argv.slice(2);

async function openClient(): Promise<ClickHouseClient> {
  if (!url.startsWith('chdb:')) return createClient({ url });
  const { createChdbConnection } = await import('chdb/connection');
  const connection = createChdbConnection({ path: decodeURIComponent(url.slice('chdb:'.length)) });
  // The two packages declare the same port in different releases; at run time they agree.
  return createClient({ connection: connection as unknown as ClickHouseConnection });
}

const client = await openClient();
await client.command({
  query: `CREATE TABLE ${table} (incident String, version UInt32, status LowCardinality(String))
          ENGINE = ReplacingMergeTree(version) ORDER BY incident`,
});
// One insert a part: only a read with FINAL folds rows of different parts.
for (const row of [
  { incident: 'a', version: 1, status: 'OPEN' },
  { incident: 'a', version: 2, status: 'RESOLVED' },
  { incident: 'b', version: 1, status: 'OPEN' },
]) {
  await client.insert({ table, values: [row], format: 'JSONEachRow' });
}
const query = `SELECT incident, version, status FROM ${table} FINAL WHERE version >= {least: UInt32} ORDER BY incident`;
const result = await client.query({ query, query_params: { least: 1 }, format: 'JSONEachRow' });
const rows = await result.json();
await client.command({ query: `DROP TABLE ${table}` });
await client.close();
process.stdout.write(JSON.stringify(rows));
