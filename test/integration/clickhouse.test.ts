import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { runCommand } from '../services/installation/run-command.ts';

const ROUND_TRIP = join(import.meta.dirname, 'clickhouse-round-trip.ts');

await describeWith(['clickhouse'], 'ClickHouse', ({ clickhouse }) => {
  test('FINAL shows the highest version of each row of a ReplacingMergeTree', async () => {
    const table = uniqueName('incidents').replaceAll('-', '_');

    const printed = await runCommand(process.execPath, [ROUND_TRIP, clickhouse, table]);

    expect(JSON.parse(printed)).toEqual([
      { incident: 'a', version: 2, status: 'RESOLVED' },
      { incident: 'b', version: 1, status: 'OPEN' },
    ]);
  });
});
