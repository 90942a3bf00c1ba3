import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { engineForTests } from './engine-for-tests.ts';

const clickhouse = engineForTests();

beforeAll(async () => {
  if (!clickhouse.available) return;
  await clickhouse.writer.command({ query: 'CREATE TABLE ledger (n Int32) ENGINE = MergeTree ORDER BY n' });
  await clickhouse.writer.insert({ table: 'ledger', values: [{ n: 1 }], format: 'JSONEachRow' });
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(
  query: string,
  settings: Record<string, string> = {},
  init: RequestInit = {},
): Promise<Answer> {
  const parameters = new URLSearchParams({ query, ...settings });
  const response = await fetch(`${clickhouse.engine.url}/?${parameters.toString()}`, {
    method: 'POST',
    ...init,
  });
  return { status: response.status, text: await response.text() };
}

async function expectUntouched(): Promise<void> {
  expect(await clickhouse.rows('SELECT n FROM ledger')).toEqual([{ n: 1 }]);
}

const WRITES = [
  'INSERT INTO ledger VALUES (2)',
  'insert into ledger select 2',
  '/* SELECT */ INSERT INTO ledger VALUES (2)',
  '-- SELECT\nINSERT INTO ledger VALUES (2)',
  'WITH 2 AS x INSERT INTO ledger SELECT x',
  'SELECT 1; INSERT INTO ledger VALUES (2)',
  'SET readonly = 0; INSERT INTO ledger VALUES (2)',
  'SET readonly = 0',
  'SELECT * FROM ledger SETTINGS readonly = 0',
  'DROP TABLE ledger PARALLEL WITH DROP TABLE ledger',
  'TRUNCATE ledger',
  'DROP TABLE ledger',
  'ALTER TABLE ledger DELETE WHERE 1',
  'DELETE FROM ledger WHERE 1',
  'RENAME TABLE ledger TO mine',
  'CREATE TABLE mine ENGINE = Memory AS SELECT 1',
  'CREATE TEMPORARY TABLE mine (n Int8)',
  'CREATE FUNCTION mine AS x -> x',
  'SYSTEM SHUTDOWN',
  'KILL QUERY WHERE 1',
  'USE system',
  "EXPLAIN SELECT 1 INTO OUTFILE 'stolen.tsv'",
  "SELECT 1 INTO OUTFILE 'stolen.tsv'",
  "INSERT INTO FUNCTION file('stolen.tsv') SELECT 1",
  "INSERT INTO FUNCTION url('http://127.0.0.1:9/', 'TSV', 'n Int8') SELECT 1",
  "BACKUP TABLE ledger TO File('stolen.zip')",
  "ATTACH TABLE mine FROM 'stolen' (n Int8)",
];

const READS_BEYOND_THE_TABLES = [
  "SELECT * FROM file('/etc/passwd', 'LineAsString')",
  "SELECT * FROM fileCluster('default', '/etc/passwd', 'LineAsString')",
  "SELECT file('/etc/passwd')",
  "SELECT `file`('/etc/passwd')",
  'SELECT "file"(\'/etc/passwd\')',
  "SELECT “file”('/etc/passwd')",
  "SELECT `fi\\x6ce`('/etc/passwd')",
  "SELECT /* it's */ file('/etc/passwd')",
  "SELECT arrayMap(file, ['/etc/passwd'])",
  "SELECT * APPLY file FROM (SELECT '/etc/passwd' AS x)",
  "SELECT * APPLY(file) FROM (SELECT '/etc/passwd' AS x)",
  "SELECT * FROM eval('SELECT file(''/etc/passwd'')')",
  "SELECT * FROM eval(concat('SELECT fi', 'le(''/etc/passwd'')'))",
  "DESCRIBE TABLE file('/etc/passwd')",
  'SELECT * FROM default.`/etc/passwd`',
  "SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')",
  "SELECT * FROM s3('https://bucket.s3.amazonaws.com/x.csv')",
  "SELECT * FROM remote('127.0.0.1:9', 'system.one')",
  "SELECT * FROM mysql('127.0.0.1:9', 'a', 'b', 'c', 'd')",
  "SELECT * FROM sqlite('/etc/passwd', 'x')",
  "SELECT * FROM executable('x', 'TSV', 'n Int8')",
  "SELECT * FROM filesystem('/')",
  "SELECT * FROM icebergLocal('/etc')",
  "SELECT 1 FORMAT Template SETTINGS format_template_resultset = '/etc/passwd'",
  "SELECT 1 FORMAT Protobuf SETTINGS format_schema = '/etc/passwd:x'",
];

describe('a reader', () => {
  it.each(WRITES)('cannot write: %s', async (query) => {
    const { status, text } = await ask(query);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).toMatch(/^Code: \d+\. DB::/);
    await expectUntouched();
    expect(existsSync(join(clickhouse.dataDir, 'stolen.tsv'))).toBe(false);
  });

  it.each(READS_BEYOND_THE_TABLES)('cannot read beyond the tables: %s', async (query) => {
    const { status, text } = await ask(query);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).toMatch(/^Code: \d+\. DB::/);
    expect(text).not.toContain('root:');
  });

  it('cannot name a function through a parameter', async () => {
    const settings = { param_f: 'file' };
    const { status, text } = await ask("SELECT arrayMap({f:Identifier}, ['/etc/passwd'])", settings);
    expect({ status, leaked: text.includes('root:') }).toEqual({ status: 403, leaked: false });
  });

  it('cannot lift its restriction through the URL', async () => {
    for (const settings of [{ readonly: '0' }, { allow_ddl: '1', readonly: '0' }]) {
      expect((await ask('INSERT INTO ledger VALUES (2)', settings)).status).toBe(403);
    }
    for (const name of ['format_schema', 'output_format_schema', 'format_template_resultset']) {
      expect((await ask('SELECT 1', { [name]: '/etc/passwd' })).status).toBeGreaterThanOrEqual(400);
    }
    await expectUntouched();
  });

  it('cannot write in the body of a request, with GET, or with another password', async () => {
    expect((await ask('', {}, { body: 'INSERT INTO ledger VALUES (2)' })).status).toBe(403);
    expect((await ask('INSERT INTO ledger FORMAT TSV', {}, { body: '2\n' })).status).toBe(403);
    const wrong = { authorization: `Basic ${Buffer.from('writer:guess').toString('base64')}` };
    const refused = await ask('INSERT INTO ledger VALUES (2)', {}, { headers: wrong });
    expect(refused).toMatchObject({ status: 403, text: expect.stringMatching(/^Code: 516\./) as string });
    const { username, password } = clickhouse.engine.writer;
    const right = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
    expect((await ask('INSERT INTO ledger VALUES (2)', {}, { method: 'GET', headers: right })).status).toBe(
      403,
    );
    await expectUntouched();
  });

  it('leaves the writer able to write, whatever it sets for itself', async () => {
    await ask('SELECT 1', { readonly: '1', max_result_rows: '1' });
    await clickhouse.writer.command({ query: 'CREATE TABLE IF NOT EXISTS after (n Int8) ENGINE = Memory' });
    await clickhouse.writer.insert({ table: 'after', values: [{ n: 1 }, { n: 2 }], format: 'JSONEachRow' });
    expect(await clickhouse.rows('SELECT n FROM after ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('may say the words that are forbidden as names', async () => {
    const query = "SELECT 'file not found; DROP TABLE ledger' AS `the ''summary`";
    expect((await ask(query)).text).toBe('file not found; DROP TABLE ledger\n');
    expect((await ask('SELECT {text:String}', { param_text: 'file' })).text).toBe('file\n');
  });
});
