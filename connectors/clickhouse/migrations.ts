import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ClickHouseClient } from '@clickhouse/client';
import { resolveConnection, withClient } from './connection.ts';
import type { ClickHouseConnectionOptions } from './connection.ts';
import { ClickHouseMigrationChangedError, ClickHouseSchemaBehindError } from './errors.ts';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
  /** SHA-256 of the file. */
  readonly checksum: string;
}

const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));
const FILE_NAME = /^(?<version>\d{3})_(?<name>\w+)\.sql$/;
const RECORDS = `CREATE TABLE IF NOT EXISTS schema_migrations
(
    version UInt32,
    name String,
    checksum String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY version`;

/**
 * Brings the database to the version this code needs. Each statement makes what is missing and leaves what is
 * there, so processes that migrate at the same time, or again after a crash, end with the same tables.
 * @returns the names of the migrations that it has applied
 */
export async function migrate(options: ClickHouseConnectionOptions): Promise<string[]> {
  const connection = resolveConnection(options);
  const { database } = connection;
  // Whatever database the server has for those who name none: the one that is meant may not exist yet.
  await withClient({ ...connection, database: 'default' }, (client) => createDatabase(client, database));
  const migrations = await readMigrations();
  return withClient(connection, async (client) => {
    await client.command({ query: RECORDS });
    const applied = await appliedChecksums(client);
    const missing = migrations.filter((migration) => !isApplied(migration, applied, database));
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  });
}

/**
 * For a user who may insert and not make tables: whether somebody else has brought the database to the version that this
 * code needs. A database that is ahead is taken, since migrations only add.
 * @throws {ClickHouseSchemaBehindError} naming what is missing
 */
export async function checkMigrated(options: ClickHouseConnectionOptions): Promise<void> {
  const connection = resolveConnection(options);
  const { database, username } = connection;
  const migrations = await readMigrations();
  const applied = await withClient(connection, appliedChecksums);
  const missing = migrations
    .filter((migration) => !isApplied(migration, applied, database))
    .map(({ name }) => name);
  if (missing.length === 0) return;
  throw new ClickHouseSchemaBehindError(
    `${database} lacks the migrations ${missing.join(', ')}, and ${username} is not to apply them: ` +
      'run `incidents clickhouse migrate` as a user who may',
  );
}

/** Not attempted where it exists: a user may be allowed to use a database and not to make one. */
async function createDatabase(client: ClickHouseClient, database: string): Promise<void> {
  const found = await client.query({
    query: 'SELECT name FROM system.databases WHERE name = {database:String}',
    query_params: { database },
    format: 'JSONEachRow',
  });
  if ((await found.json()).length > 0) return;
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS \`${database.replaceAll('`', '\\`')}\`` });
}

/** By version, every checksum that was recorded: processes that migrate at the same time each record theirs. */
async function appliedChecksums(client: ClickHouseClient): Promise<ReadonlyMap<number, readonly string[]>> {
  const result = await client.query({
    query: 'SELECT version, groupUniqArray(checksum) AS checksums FROM schema_migrations GROUP BY version',
    format: 'JSONEachRow',
  });
  const rows = await result.json<{ version: number; checksums: string[] }>();
  return new Map(rows.map(({ version, checksums }) => [version, checksums]));
}

/** @throws {ClickHouseMigrationChangedError} where it was applied with another content. */
function isApplied(
  migration: Migration,
  applied: ReadonlyMap<number, readonly string[]>,
  database: string,
): boolean {
  const checksums = applied.get(migration.version);
  if (checksums?.some((checksum) => checksum !== migration.checksum) === true)
    throw changed(migration, database);
  return checksums !== undefined;
}

async function apply(client: ClickHouseClient, migration: Migration): Promise<void> {
  for (const statement of migration.statements) await client.command({ query: statement });
  await client.insert({
    table: 'schema_migrations',
    values: [{ version: migration.version, name: migration.name, checksum: migration.checksum }],
    columns: ['version', 'name', 'checksum'],
    format: 'JSONEachRow',
  });
}

async function readMigrations(): Promise<Migration[]> {
  const files = (await readdir(FOLDER)).filter((file) => FILE_NAME.test(file)).sort();
  return Promise.all(files.map(readMigration));
}

async function readMigration(file: string): Promise<Migration> {
  const { version, name } = FILE_NAME.exec(file)?.groups ?? {};
  const text = await readFile(`${FOLDER}${file}`, 'utf8');
  return {
    version: Number(version),
    name: name ?? file,
    statements: text.split(/;\s*\n/).filter((statement) => /^\s*[A-Z]/m.test(statement)),
    checksum: createHash('sha256').update(text).digest('hex'),
  };
}

function changed(migration: Migration, database: string): ClickHouseMigrationChangedError {
  return new ClickHouseMigrationChangedError(
    `migration ${migration.version} (${migration.name}) was applied to ${database} with other content: ` +
      'add a new migration, or use another database',
  );
}
