import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the engine's one internal user may do: work on tables. Files, URLs, other servers and users are not in it. */
const GRANTS =
  'SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP, TRUNCATE, OPTIMIZE, SHOW, ' +
  'SYSTEM MERGES, SYSTEM FLUSH LOGS';

/** Settings whose value is a path that the engine would read or write. */
const PATH_SETTINGS = [
  'format_schema',
  'output_format_schema',
  'format_template_resultset',
  'format_template_row',
];

const USERS = `<clickhouse>
  <profiles><default><constraints>
${PATH_SETTINGS.map((name) => `    <${name}><readonly/></${name}>`).join('\n')}
  </constraints></default></profiles>
  <quotas><default/></quotas>
  <users><default>
    <password></password>
    <networks><ip>::/0</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
    <access_management>0</access_management>
    <grants><query>GRANT ${GRANTS} ON *.*</query></grants>
  </default></users>
</clickhouse>
`;

export interface EnginePaths {
  readonly data: string;
  readonly configuration: string;
  /** For rows on their way in. */
  readonly incoming: string;
}

/** Writes the engine's configuration. What it forbids is forbidden to the writer too. */
export function prepareDataDir(dataDir: string): EnginePaths {
  const paths = {
    data: join(dataDir, 'data'),
    configuration: join(dataDir, 'config.xml'),
    incoming: join(dataDir, 'incoming'),
  };
  const users = join(dataDir, 'users.xml');
  mkdirSync(paths.data, { recursive: true });
  writeFileSync(users, USERS);
  writeFileSync(
    paths.configuration,
    `<clickhouse><users_config>${escapeXml(users)}</users_config></clickhouse>\n`,
  );
  return paths;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
