import { gzipSync } from 'node:zlib';
import { request } from 'node:http';
import { createClient } from '@clickhouse/client';
import { beforeAll, expect, it } from 'vitest';
import { engineForTests } from './engine-for-tests.ts';

const clickhouse = engineForTests();

beforeAll(async () => {
  if (!clickhouse.available) return;
  await clickhouse.writer.command({
    query: 'CREATE TABLE texts (id Int32, text String) ENGINE = MergeTree ORDER BY id',
  });
});

function post(parameters: Record<string, string>, init: RequestInit = {}): Promise<Response> {
  return fetch(`${clickhouse.engine.url}/?${new URLSearchParams(parameters).toString()}`, {
    method: 'POST',
    ...init,
  });
}

function writerHeaders(): Record<string, string> {
  const { username, password } = clickhouse.engine.writer;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

async function insert(format: string, body: string | Uint8Array<ArrayBuffer>, headers = {}): Promise<string> {
  await clickhouse.writer.command({ query: 'TRUNCATE TABLE texts' });
  const query = `INSERT INTO texts (id, text) FORMAT ${format}`;
  const answer = await post({ query }, { body, headers: { ...writerHeaders(), ...headers } });
  return `${answer.status} ${await answer.text()}`;
}

it('answers a query in the URL, in the body, and in both', async () => {
  const { url } = clickhouse.engine;
  expect(await (await fetch(`${url}/?query=SELECT%201`)).text()).toBe('1\n');
  expect(await (await post({}, { body: 'SELECT 2' })).text()).toBe('2\n');
  expect(await (await post({ query: 'SELECT 3,' }, { body: '4' })).text()).toBe('3\t4\n');
});

it('formats as asked for by the statement, else by default_format', async () => {
  const named = await post({ query: 'SELECT 1 AS n FORMAT JSONEachRow', default_format: 'CSV' });
  expect(await named.text()).toBe('{"n":1}\n');
  expect(named.headers.get('content-type')).toContain('application/x-ndjson');
  const csv = await post({ query: "SELECT 1, 'a'", default_format: 'CSV' });
  expect(await csv.text()).toBe('1,"a"\n');
  expect(csv.headers.get('x-clickhouse-format')).toBe('CSV');
});

it('binds parameters, also with tabs, quotes and backslashes in them', async () => {
  const text = 'a\tb\nc\'d"e\\f\0g {x:String} ü🙂';
  const result = await clickhouse.reader.query({
    query: 'SELECT {text:String} AS text, {list:Array(String)} AS list, {n:UInt8} + 1 AS n',
    query_params: { text, list: [text, 'b'], n: 41 },
    format: 'JSONEachRow',
  });
  expect(await result.json()).toEqual([{ text, list: [text, 'b'], n: 42 }]);
});

it('applies settings to one statement only', async () => {
  const query = "SELECT getSetting('max_threads')";
  expect(await (await post({ query, max_threads: '1' })).text()).toBe('1\n');
  expect(
    await (
      await post({ query: "SELECT value FROM system.settings WHERE name = 'max_threads' AND changed" })
    ).text(),
  ).toBe('');
});

it('refuses with the status, the code and the words of ClickHouse', async () => {
  const unknown = await post({ query: 'SELECT * FROM nowhere' });
  expect(unknown.status).toBe(404);
  expect(unknown.headers.get('x-clickhouse-exception-code')).toBe('60');
  expect(await unknown.text()).toMatch(/^Code: 60\. DB::Exception: .*\(UNKNOWN_TABLE\)/);
  expect((await post({ query: 'SELECT FROM WHERE' })).status).toBe(400);
  expect((await post({ query: 'SELECT 1', no_such_setting: '1' })).status).toBe(404);
  expect((await post({ query: '' })).status).toBe(400);
  await expect(clickhouse.reader.query({ query: 'SELECT nope' })).rejects.toMatchObject({
    code: '47',
    type: 'UNKNOWN_IDENTIFIER',
  });
});

it('stays responsive while queries run', async () => {
  let isOver = false;
  const slow = Promise.all(Array.from({ length: 10 }, () => post({ query: 'SELECT sleep(3)' }))).finally(
    () => (isOver = true),
  );
  expect(await (await fetch(`${clickhouse.engine.url}/ping`)).text()).toBe('Ok.\n');
  expect(await clickhouse.writer.ping()).toMatchObject({ success: true });
  expect(await insert('TSV', '1\tquick\n')).toBe('200 ');
  expect(isOver).toBe(false);
  expect((await slow).map(({ status }) => status)).toEqual(Array<number>(10).fill(200));
});

it('takes rows with blank lines in them, in text and in binary', async () => {
  expect(await insert('JSONEachRow', '{"id":1,"text":"a"}\n\n\n{"id":2,"text":"b"}\n')).toBe('200 ');
  expect(await insert('CSV', '1,"x\n\nDROP TABLE texts;\n\ny"\n2,z\n')).toBe('200 ');
  expect(await clickhouse.rows('SELECT text FROM texts ORDER BY id')).toEqual([
    { text: 'x\n\nDROP TABLE texts;\n\ny' },
    { text: 'z' },
  ]);
  expect(await insert('RowBinary', Uint8Array.from([1, 0, 0, 0, 3, 10, 10, 59]))).toBe('200 ');
  expect(await clickhouse.rows('SELECT text FROM texts')).toEqual([{ text: '\n\n;' }]);
});

it('refuses rows that it cannot be sure to take as a whole', async () => {
  const query = "INSERT INTO texts SELECT id, text FROM input('id Int32, text String') FORMAT CSV";
  const answer = await post({ query }, { body: '1,"x\n\nDROP TABLE texts"\n', headers: writerHeaders() });
  expect(answer.status).toBe(501);
  expect(await answer.text()).toMatch(/^Code: 48\. /);
});

it('inserts with settings of its own, VALUES, and a compressed body', async () => {
  const headers = writerHeaders();
  const query = "INSERT INTO texts SETTINGS max_block_size = 100, log_comment = 'a FORMAT b' FORMAT TSV";
  expect((await post({ query }, { body: '11\tsettings\n', headers })).status).toBe(200);
  const values = await post({ query: 'INSERT INTO texts VALUES' }, { body: "(12, 'va\n\nlues')", headers });
  expect(JSON.parse(values.headers.get('x-clickhouse-summary') ?? '{}')).toMatchObject({ written_rows: '1' });
  const body = Uint8Array.from(gzipSync('13\tgzip\n'));
  const zipped = { ...headers, 'content-encoding': 'gzip' };
  expect((await post({ query: 'INSERT INTO texts FORMAT TSV' }, { body, headers: zipped })).status).toBe(200);
  const found = await clickhouse.rows('SELECT text FROM texts WHERE id BETWEEN 11 AND 13 ORDER BY id');
  expect(found).toEqual([{ text: 'settings' }, { text: 'va\n\nlues' }, { text: 'gzip' }]);
});

it('serves the client with compression in both directions', async () => {
  const { url, writer } = clickhouse.engine;
  const client = createClient({ url, ...writer, compression: { request: true, response: true } });
  await client.insert({ table: 'texts', values: [{ id: 20, text: 'client' }], format: 'JSONEachRow' });
  const result = await client.query({ query: 'SELECT text FROM texts WHERE id = 20', format: 'JSON' });
  expect((await result.json()).data).toEqual([{ text: 'client' }]);
  await client.close();
});

it('answers only those who name this machine', async () => {
  const { port } = new URL(clickhouse.engine.url);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { host: 'evil.example' };
    request({ port, host: '127.0.0.1', path: '/?query=SELECT%201', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(403);
});
