import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createWindowsSink, migrate } from '../../connectors/clickhouse/index.ts';
import { engineForTests } from './engine-for-tests.ts';
import { WINDOWS, batchOf, makeWindow } from './records.ts';

const clickhouse = engineForTests();

async function tables(database: string): Promise<string[]> {
  const query = 'SELECT name FROM system.tables WHERE database = {database:String} ORDER BY name';
  return (await clickhouse.rows<{ name: string }>(query, { database })).map(({ name }) => name);
}

const EXPECTED = [
  'dead_letter_log',
  'dead_letters',
  'event_log',
  'events',
  'hourly_heat',
  'incidents',
  'late_event_log',
  'late_events',
  'recurrences',
  'response_times',
  'schema_migrations',
  'service_noise',
  'storms',
  'transition_log',
  'transitions',
  'weekly_report',
  'window_log',
  'windows',
];

const FILES = readdirSync(new URL('../../connectors/clickhouse/migrations/', import.meta.url)).sort();

it('makes the database, the tables and the views, and nothing more the second time', async () => {
  const options = { ...clickhouse.connection, database: 'again' };
  await migrate(options);
  await migrate(options);
  expect(await tables('again')).toEqual(EXPECTED);
  const applied = await clickhouse.rows<{ version: number; name: string }>(
    'SELECT version, name FROM again.schema_migrations ORDER BY version',
  );
  expect(applied.map(({ version, name }) => `${String(version).padStart(3, '0')}_${name}.sql`)).toEqual(
    FILES,
  );
});

it('ends with the same tables when several processes migrate at once', async () => {
  const options = { ...clickhouse.connection, database: 'crowded' };
  await Promise.all(Array.from({ length: 6 }, () => migrate(options)));
  expect(await tables('crowded')).toEqual(EXPECTED);
  const applied = await clickhouse.rows(
    'SELECT version FROM crowded.schema_migrations FINAL ORDER BY version',
  );
  expect(applied).toEqual(FILES.map((_, index) => ({ version: index + 1 })));
});

it('goes on where a crash left it, with the data in place', async () => {
  const options = { ...clickhouse.connection, database: 'halfway' };
  const sink = createWindowsSink(options);
  await sink.open(WINDOWS);
  await sink.write(batchOf(WINDOWS, [makeWindow()]));
  await sink.close();
  await clickhouse.writer.command({ query: 'DROP VIEW halfway.incidents' });
  await clickhouse.writer.command({ query: 'DELETE FROM halfway.schema_migrations WHERE version = 2' });
  await migrate(options);
  expect(await tables('halfway')).toEqual(EXPECTED);
  expect(await clickhouse.rows('SELECT count FROM halfway.windows')).toEqual([{ count: 5 }]);
});

it('refuses a database whose migrations had another content', async () => {
  const options = { ...clickhouse.connection, database: 'changed' };
  await migrate(options);
  const values = [{ version: 1, name: 'tables', checksum: 'another' }];
  await clickhouse.writer.insert({ table: 'changed.schema_migrations', values, format: 'JSONEachRow' });
  await expect(migrate(options)).rejects.toMatchObject({
    code: 'CLICKHOUSE_MIGRATION_CHANGED',
    message: expect.stringContaining('migration 1 (tables)') as string,
  });
});

it('sets and changes how long rows are kept, by the time of their insert', async () => {
  const options = { ...clickhouse.connection, database: 'kept' };
  const ttlOf = async (): Promise<string | undefined> => {
    const query = "SELECT engine_full FROM system.tables WHERE database = 'kept' AND name = 'window_log'";
    const [table] = await clickhouse.rows<{ engine_full: string }>(query);
    return / TTL (.*?) SETTINGS/.exec(table?.engine_full ?? '')?.[1];
  };
  const open = async (retentionDays?: number): Promise<void> => {
    const sink = createWindowsSink({ ...options, ...(retentionDays === undefined ? {} : { retentionDays }) });
    await sink.open(WINDOWS);
    await sink.write(batchOf(WINDOWS, [makeWindow({ windowStart: 0 })]));
    await sink.close();
  };
  await open();
  expect(await ttlOf()).toBeUndefined();
  for (const days of [30, 30, 7]) {
    await open(days);
    expect(await ttlOf()).toBe(`toDateTime(inserted_at) + toIntervalDay(${days})`);
  }
  await clickhouse.writer.command({ query: 'OPTIMIZE TABLE kept.window_log FINAL' });
  expect(await clickhouse.rows('SELECT count FROM kept.windows')).toHaveLength(1);
});
