import type { Command } from 'commander';
import { prepareHistory } from '../../connectors/clickhouse/index.ts';
import { UsageError } from '../errors.ts';

interface Given {
  readonly url?: string;
  readonly database?: string;
  readonly retentionDays?: string;
}

/** `incidents clickhouse migrate`. */
export function addClickHouseCommands(program: Command): void {
  program
    .command('clickhouse')
    .description('the history in ClickHouse')
    .command('migrate')
    .description('make the tables and views of this version, as a user who may: see docs/security.md')
    .option(
      '--url <url>',
      'http[s]://[user:password@]host:port[/database] (default: INCIDENTS_CLICKHOUSE_URL, CLICKHOUSE_URL)',
    )
    .option('--database <name>', 'made if it is missing (default: the one in the URL, else history)')
    .option('--retention-days <number>', 'delete rows so many days after their insert (default: as it is)')
    .action(async (given: Given) => {
      const url = given.url ?? urlIn(process.env);
      const database = given.database ?? process.env.INCIDENTS_CLICKHOUSE_DATABASE;
      const { database: prepared, applied } = await prepareHistory({
        url,
        ...credentialsIn(process.env),
        ...(database === undefined ? {} : { database }),
        ...(given.retentionDays === undefined ? {} : { retentionDays: daysOf(given.retentionDays) }),
      });
      process.stdout.write(
        `${prepared}: ${applied.length === 0 ? 'nothing to apply' : `applied ${applied.join(', ')}`}. ` +
          'The tables and views are those of this version.\n',
      );
    });
}

function urlIn(environment: NodeJS.ProcessEnv): string {
  const url = environment.INCIDENTS_CLICKHOUSE_URL ?? environment.CLICKHOUSE_URL;
  if (url === undefined || url === '')
    throw new UsageError('Which ClickHouse? Give --url <url> or set CLICKHOUSE_URL');
  return url;
}

function credentialsIn(environment: NodeJS.ProcessEnv): { username?: string; password?: string } {
  const { INCIDENTS_CLICKHOUSE_USERNAME: username, INCIDENTS_CLICKHOUSE_PASSWORD: password } = environment;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1)
    throw new UsageError(`--retention-days ${text}: expected a whole number from 1`);
  return days;
}
