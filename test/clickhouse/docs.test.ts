import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { migrate } from '../../connectors/clickhouse/index.ts';
import { engineForTests } from './engine-for-tests.ts';

const clickhouse = engineForTests();
const document = await readFile(new URL('../../docs/clickhouse.md', import.meta.url), 'utf8');

beforeAll(async () => {
  if (!clickhouse.available) return;
  await migrate(clickhouse.connection);
});

const curls = [
  ...document.matchAll(/curl "\$URL\/(?<parameters>\?[^"]*)?" --data-binary "(?<query>[^"]*)"/g),
];
const programs = [...document.matchAll(/query: `(?<query>[^`]*)`/g)];

it.each(curls.map(({ groups }) => [groups?.['query'] ?? '', groups?.['parameters'] ?? '']))(
  'the documented query works: %s',
  async (query, parameters) => {
    const response = await fetch(`${clickhouse.engine.url}/${parameters}`, { method: 'POST', body: query });
    expect(`${response.status} ${await response.text()}`).toMatch(/^200 /);
  },
);

it('the documented program works', async () => {
  expect(curls.length + programs.length).toBe(5);
  for (const { groups } of programs) {
    const parameters = { since: new Date('2020-01-01T00:00:00Z') };
    expect(await clickhouse.rows(groups?.['query'] ?? '', parameters)).toEqual([]);
  }
});

it('every documented column is there', async () => {
  const rows = [...document.matchAll(/^\| `(?<view>\w+)`\s*\| (?<rest>.*)$/gm)];
  expect(rows).toHaveLength(6);
  for (const { groups } of rows) {
    const documented = [...(groups?.['rest'] ?? '').matchAll(/`(\w+)`/g)].map(([, column]) => column);
    const columns = await clickhouse.rows<{ name: string }>(`DESCRIBE TABLE ${groups?.['view'] ?? ''}`);
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(documented));
  }
});
