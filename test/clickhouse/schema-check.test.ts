import { beforeAll, expect, it } from 'vitest';
import {
  ClickHouseSchemaBehindError,
  createWindowsSink,
  prepareHistory,
} from '../../connectors/clickhouse/index.ts';
import { engineForTests } from './engine-for-tests.ts';
import { WINDOWS, batchOf, makeWindow } from './records.ts';

const clickhouse = engineForTests();

function sinkOf(database: string) {
  return createWindowsSink({ ...clickhouse.connection, database, schema: 'check' });
}

beforeAll(async () => {
  if (clickhouse.available)
    await prepareHistory({ ...clickhouse.connection, database: 'prepared', retentionDays: 30 });
});

it('a sink that only checks takes a database that an administrator has prepared', async () => {
  const sink = sinkOf('prepared');
  await sink.open(WINDOWS);
  await sink.write(batchOf(WINDOWS, [makeWindow()]));
  await sink.close();
  expect(await clickhouse.rows('SELECT count() AS n FROM prepared.windows')).toEqual([{ n: 1 }]);
});

it('the rows of every table are kept for as long as the administrator said', async () => {
  const tables = await clickhouse.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = 'prepared' AND engine_full LIKE '%toIntervalDay(30)%' ORDER BY name`,
  );
  expect(tables.map(({ name }) => name)).toEqual([
    'dead_letter_log',
    'event_log',
    'transition_log',
    'window_log',
  ]);
});

it('it refuses one that lacks a migration, naming it, and makes nothing', async () => {
  await prepareHistory({ ...clickhouse.connection, database: 'behind' });
  const command = (query: string) => clickhouse.writer.command({ query });
  await command('CREATE TABLE behind.kept AS behind.schema_migrations');
  await command('INSERT INTO behind.kept SELECT * FROM behind.schema_migrations WHERE version != 5');
  await command('TRUNCATE TABLE behind.schema_migrations');
  await command('INSERT INTO behind.schema_migrations SELECT * FROM behind.kept');
  const sink = sinkOf('behind');
  const opening = sink.open(WINDOWS);
  await expect(opening).rejects.toThrow(ClickHouseSchemaBehindError);
  await expect(opening).rejects.toThrow(/behind lacks the migrations analytics/);
  expect(await clickhouse.rows('SELECT version FROM behind.schema_migrations WHERE version = 5')).toEqual([]);
  await sink.close();
});

it('says which migrations it has applied, and that none was left the second time', async () => {
  const options = { ...clickhouse.connection, database: 'told' };
  const first = await prepareHistory(options);
  expect(first.database).toBe('told');
  expect(first.applied).toEqual(expect.arrayContaining(['tables', 'analytics']));
  expect((await prepareHistory(options)).applied).toEqual([]);
});

it.each(['localhost:8123', 'ftp://localhost', 'nonsense'])(
  'refuses the URL %s, saying what one looks like',
  async (url) => {
    await expect(prepareHistory({ url })).rejects.toMatchObject({
      code: 'CLICKHOUSE_USAGE',
      message: expect.stringContaining('http[s]://') as string,
    });
  },
);
