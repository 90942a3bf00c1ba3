import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClickHouseEngine } from '../../cli/services/clickhouse-engine.ts';
import type { StartedClickHouseEngine } from '../../cli/services/clickhouse-engine.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { newDataDirectory, removeDataDirectory } from './support/data-directory.ts';
import { startDemo } from './support/demo-process.ts';

const FILE = new URL('../../docs/analytics.md', import.meta.url);
/** A query, and its answer where it is already written down. */
const QUERY = /```sql\n(?<sql>[^`]+)```\n(?:\n```text\n(?<answer>[^`]*)```\n)?/g;
const page = readFileSync(FILE, 'utf8');
const queries = [...page.matchAll(QUERY)].map(({ groups, index }) => ({
  title: /.*## (.*)/s.exec(page.slice(0, index))?.[1] ?? '',
  sql: groups?.['sql'] ?? '',
  answer: groups?.['answer'] ?? '',
}));
const documentedColumns = [...page.matchAll(/^\| `(?<view>\w+)` .*\|(?<columns>[^|]*)\|$/gm)].map(
  ({ groups }) => ({
    view: groups?.['view'] ?? '',
    columns: [...(groups?.['columns'] ?? '').matchAll(/`(\w+)`/g)].map(([, column]) => column),
  }),
);

await describeWithPrograms(['chdb'], 'the documented queries, on the data that ship', () => {
  let dataDir: string;
  let engine: StartedClickHouseEngine;

  beforeAll(async () => {
    dataDir = newDataDirectory();
    const demo = startDemo({ args: ['--once', '--no-redis', '--port', '0', '--data-dir', dataDir] });
    expect(await demo.ended, demo.stderr()).toBe(0);
    const started = await startClickHouseEngine({ dataDir: join(dataDir, 'clickhouse') });
    if ('unavailable' in started) throw new Error(started.unavailable);
    engine = started;
  }, 420_000);

  afterAll(async () => {
    await engine.stop();
    removeDataDirectory(dataDir);
  });

  async function ask(sql: string): Promise<string> {
    const body = `${sql.trimEnd()} FORMAT PrettyCompactNoEscapes SETTINGS output_format_pretty_row_numbers = 0`;
    return (await fetch(`${engine.url}/?database=history`, { method: 'POST', body })).text();
  }

  /** With DOCS_UPDATE=1; look at the answers before they are committed. */
  const writeDown = async (): Promise<void> => {
    let updated = page;
    for (const { sql, answer } of queries) {
      const block = `\`\`\`sql\n${sql}\`\`\`\n`;
      const written = answer === '' ? block : `${block}\n\`\`\`text\n${answer}\`\`\`\n`;
      updated = updated.replace(written, `${block}\n\`\`\`text\n${await ask(sql)}\`\`\`\n`);
    }
    writeFileSync(FILE, updated);
  };
  if (process.env['DOCS_UPDATE'] !== undefined) test('are written down', writeDown);

  test('are a dozen or more', () => {
    expect(queries.length).toBeGreaterThanOrEqual(12);
  });

  test.each(queries)('answer as the page says: $title', async ({ sql, answer }) => {
    expect(await ask(sql)).toBe(answer);
  });

  test.each(documentedColumns)(
    'ask a view that has the columns it is said to have: $view',
    async ({ view, columns }) => {
      const url = `${engine.url}/?database=history&param_view=${view}`;
      const body =
        'SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {view:String}';
      const found = (await (await fetch(url, { method: 'POST', body })).text()).trim().split('\n');
      expect(columns.length).toBeGreaterThan(3);
      expect(found).toEqual(expect.arrayContaining(columns));
    },
  );
});
