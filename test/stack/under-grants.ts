import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadChdbAddon } from '../../connectors/clickhouse/engine/chdb-addon.ts';
import type { ChdbAddon, ChdbConnection } from '../../connectors/clickhouse/engine/chdb-addon.ts';

/**
 * Run as a program: `<folder> <text of users.sql.template>`. Makes the tables, opens them again under the grants of each
 * user, and prints as JSON which statements each of them can run.
 */
const MIGRATIONS = fileURLToPath(new URL('../../connectors/clickhouse/migrations/', import.meta.url));
const TABLES = ['transition_log', 'window_log', 'event_log', 'dead_letter_log', 'schema_migrations'];
const STATEMENTS = [
  'SELECT version, groupUniqArray(checksum) FROM history.schema_migrations GROUP BY version',
  'SELECT count() FROM history.transitions',
  'SELECT count() FROM history.incidents',
  'SELECT incident_id FROM history.transition_log',
  ...TABLES.map((table) => `INSERT INTO history.${table}`),
  'ALTER TABLE history.window_log DELETE WHERE 1',
  'TRUNCATE TABLE history.window_log',
  'CREATE TABLE history.other (a UInt8) ENGINE = Memory',
  'DROP TABLE history.window_log',
];

const [folder = '', template = ''] = process.argv.slice(2);
const addon = loadChdbAddon();
if ('unavailable' in addon) throw new Error(addon.unavailable);

await run(addon, ['GRANT ALL ON *.*'], async (connection) => {
  for (const statement of migrations()) await addon.QueryAsyncConnection(connection, statement, 'Null');
});
const outcomes: Record<string, Record<string, string>> = {};
for (const user of ['writer', 'reader']) {
  outcomes[user] = {};
  await run(addon, grantsOf(`incidents_${user}`), async (connection) => {
    for (const statement of STATEMENTS) outcomes[user]![statement] = await outcomeOf(connection, statement);
  });
}
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
process.exit(0);

function migrations(): string[] {
  const records = `CREATE TABLE schema_migrations (version UInt32, name String, checksum String) ENGINE = MergeTree ORDER BY version`;
  const files = readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  const statements = files.flatMap((file) =>
    readFileSync(MIGRATIONS + file, 'utf8')
      .split(/;\s*\n/)
      .filter((text) => /^\s*[A-Z]/m.test(text)),
  );
  return ['CREATE DATABASE history', 'USE history', records, ...statements];
}

function grantsOf(user: string): string[] {
  const grant = new RegExp(`GRANT ([^;]+) TO ${user};`, 'g');
  return [...template.matchAll(grant)].map(([, what]) => `GRANT ${what}`);
}

async function outcomeOf(connection: ChdbConnection, statement: string): Promise<string> {
  try {
    if (statement.startsWith('INSERT')) await insertNothing(connection, statement);
    else await (addon as ChdbAddon).QueryAsyncConnection(connection, statement, 'Null');
    return 'ok';
  } catch (error) {
    return (error as Error).message;
  }
}

async function insertNothing(connection: ChdbConnection, statement: string): Promise<void> {
  await (addon as ChdbAddon).InsertRawAsyncConnection(
    connection,
    `${statement} FORMAT JSONEachRow`,
    Buffer.from('{}'),
    false,
  );
}

async function run(
  engine: ChdbAddon,
  grants: readonly string[],
  work: (connection: ChdbConnection) => Promise<void>,
): Promise<void> {
  mkdirSync(join(folder, 'data'), { recursive: true });
  const users = join(folder, 'users.xml');
  const configuration = join(folder, 'config.xml');
  writeFileSync(
    users,
    `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><default><password></password>
      <networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
      <grants>${grants.map((grant) => `<query>${grant}</query>`).join('')}</grants>
    </default></users></clickhouse>`,
  );
  writeFileSync(configuration, `<clickhouse><users_config>${users}</users_config></clickhouse>`);
  const connection = engine.CreateConnection(join(folder, 'data'), [`--config-file=${configuration}`]);
  try {
    await work(connection);
  } finally {
    engine.CloseConnection(connection);
  }
}
