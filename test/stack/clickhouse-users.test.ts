import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadChdbAddon } from '../../connectors/clickhouse/engine/chdb-addon.ts';

const FOLDER = fileURLToPath(new URL('../../stack/clickhouse/', import.meta.url));
const UNDER_GRANTS = fileURLToPath(new URL('./under-grants.ts', import.meta.url));
const addon = loadChdbAddon();

/** What the script would send to the server, `cat` being in the client's place. */
function statements(environment: Readonly<Record<string, string>>): string {
  return execFileSync('sh', [`${FOLDER}create-users.sh`], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH ?? '',
      CLICKHOUSE_CLIENT: `${FOLDER}../../test/stack/print-input.sh`,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const PASSWORDS = { CLICKHOUSE_WRITER_PASSWORD: "it's /w&", CLICKHOUSE_READER_PASSWORD: 'r' };

test('passwords reach the server as hashes only, whatever characters they have', () => {
  const text = statements(PASSWORDS);
  for (const password of Object.values(PASSWORDS))
    expect(text).toContain(createHash('sha256').update(password).digest('hex'));
  expect(text).not.toContain("it's");
  expect(text).not.toMatch(/\{\w+\}/);
});

test('a password that is missing is named, and nothing is sent', () => {
  expect(() => statements({ CLICKHOUSE_WRITER_PASSWORD: 'w' })).toThrow(/CLICKHOUSE_READER_PASSWORD/);
});

/**
 * The embedded engine has one user. It is given what the file grants the one or the other, by ClickHouse's own grants.
 */
describe.skipIf('unavailable' in addon)('under what the file grants', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clickhouse-users-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let outcomes: Record<'writer' | 'reader', Record<string, string>>;
  beforeAll(() => {
    const template = readFileSync(`${FOLDER}users.sql.template`, 'utf8');
    const printed = execFileSync(process.execPath, [UNDER_GRANTS, folder, template], { encoding: 'utf8' });
    outcomes = JSON.parse(printed) as typeof outcomes;
  });
  const DENIED = expect.stringContaining('ACCESS_DENIED') as unknown;

  test('the writer can insert into each table of records, and look which migrations there are', () => {
    expect(outcomes.writer).toMatchObject({
      'INSERT INTO history.transition_log': 'ok',
      'INSERT INTO history.window_log': 'ok',
      'INSERT INTO history.event_log': 'ok',
      'INSERT INTO history.dead_letter_log': 'ok',
      'SELECT version, groupUniqArray(checksum) FROM history.schema_migrations GROUP BY version': 'ok',
    });
  });

  test('the writer can neither read, nor change, nor make anything', () => {
    expect(outcomes.writer).toMatchObject({
      'SELECT count() FROM history.transitions': DENIED,
      'SELECT incident_id FROM history.transition_log': DENIED,
      'ALTER TABLE history.window_log DELETE WHERE 1': DENIED,
      'TRUNCATE TABLE history.window_log': DENIED,
      'DROP TABLE history.window_log': DENIED,
      'CREATE TABLE history.other (a UInt8) ENGINE = Memory': DENIED,
      'INSERT INTO history.schema_migrations': DENIED,
    });
  });

  test('the reader can read every table and view, and nothing else', () => {
    expect(outcomes.reader).toMatchObject({
      'SELECT count() FROM history.transitions': 'ok',
      'SELECT incident_id FROM history.transition_log': 'ok',
      'SELECT count() FROM history.incidents': 'ok',
      'INSERT INTO history.window_log': DENIED,
      'ALTER TABLE history.window_log DELETE WHERE 1': DENIED,
      'DROP TABLE history.window_log': DENIED,
      'CREATE TABLE history.other (a UInt8) ENGINE = Memory': DENIED,
    });
  });
});
