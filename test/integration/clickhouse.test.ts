import { createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, uniqueName } from '../services/describe-with.ts';

await describeWith(['clickhouse'], 'ClickHouse', ({ clickhouse }) => {
  let client: ClickHouseClient;
  const table = uniqueName('incidents').replaceAll('-', '_');

  beforeAll(async () => {
    client = createClient({ url: clickhouse });
    await client.command({
      query: `CREATE TABLE ${table} (incident String, version UInt32, status LowCardinality(String))
              ENGINE = ReplacingMergeTree(version) ORDER BY incident`,
    });
  });

  afterAll(async () => {
    await client.command({ query: `DROP TABLE ${table}` });
    await client.close();
  });

  test('FINAL shows the highest version of each row of a ReplacingMergeTree', async () => {
    // One insert a part: only a read with FINAL folds rows of different parts.
    for (const row of [
      { incident: 'a', version: 2, status: 'RESOLVED' },
      { incident: 'a', version: 1, status: 'OPEN' },
      { incident: 'b', version: 1, status: 'OPEN' },
    ]) {
      await client.insert({ table, values: [row], format: 'JSONEachRow' });
    }

    const rows = await client.query({
      query: `SELECT incident, version, status FROM ${table} FINAL WHERE version >= {least: UInt32} ORDER BY incident`,
      query_params: { least: 1 },
      format: 'JSONEachRow',
    });

    expect(await rows.json()).toEqual([
      { incident: 'a', version: 2, status: 'RESOLVED' },
      { incident: 'b', version: 1, status: 'OPEN' },
    ]);
  });
});
