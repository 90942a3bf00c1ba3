import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createTokenIn, revokeTokenIn, tokenLines } from '../../cli/tokens/tokens-commands.ts';
import { expiryOf } from '../../cli/tokens/expiry.ts';
import { UsageError } from '../../cli/errors.ts';
import { TokenFileError, WatchedTokens, readTokenFile } from '../../connectors/http/index.ts';

const MAIN = new URL('../../cli/main.ts', import.meta.url).pathname;
/** Each starts a process. */
const PATIENCE_MS = 60_000;

function fileName(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokens-command-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'tokens.json');
}

function tokens(args: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'tokens', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { status, stdout, stderr };
}

test(
  'tokens create prints a token once and stores its hash; list shows it; revoke ends it',
  () => {
    const file = fileName();
    const environment = { INCIDENTS_HTTP_TOKENS_FILE: file };
    const created = tokens(
      ['create', '--name', 'grafana', '--role', 'read', '--expires', '90d'],
      environment,
    );
    const token = created.stdout.trim();
    expect([created.status, created.stderr]).toEqual([0, '']);
    expect(token).toMatch(/^ist_[A-Za-z0-9_-]{43}$/);
    expect(new WatchedTokens(file).current().find(token)).toMatchObject({ name: 'grafana', role: 'read' });

    const listed = tokens(['list', '--file', file]).stdout;
    expect(listed).toMatch(/^grafana {2}read {2}created \S+Z {2}expires \S+Z\n$/);
    const stored = readFileSync(file, 'utf8');
    for (const text of [stored, listed]) expect(text).not.toContain(token.slice(4));

    expect(tokens(['revoke', 'grafana', '--file', file]).stdout).toBe('revoked grafana\n');
    expect(new WatchedTokens(file).current().find(token)).toBeUndefined();
  },
  PATIENCE_MS,
);

test(
  'what cannot be used is said in one line, with exit code 1',
  () => {
    const nowhere = tokens(['list'], { INCIDENTS_HTTP_TOKENS_FILE: '' });
    expect([nowhere.status, nowhere.stderr]).toEqual([
      1,
      expect.stringMatching(/^CLI_USAGE: Which file\?.*\n$/),
    ]);
    const missing = tokens(['list', '--file', '/no/such/file']);
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringMatching(/^HTTP_TOKEN_FILE: .*\n$/)]);
    const role = tokens(['create', '--name', 'x', '--role', 'root', '--file', fileName()]);
    expect([role.status, role.stdout]).toEqual([1, '']);
  },
  PATIENCE_MS,
);

test('only its owner may read the file, and it is never half-written', () => {
  const file = fileName();
  createTokenIn(file, { name: 'a', role: 'read' });
  const before = statSync(file);
  createTokenIn(file, { name: 'b', role: 'admin' });
  const after = statSync(file);
  expect(after.mode & 0o777).toBe(0o600);
  expect(after.ino).not.toBe(before.ino);
  expect(existsSync(`${file}.new`)).toBe(false);
  expect(readTokenFile(file).map(({ name }) => name)).toEqual(['a', 'b']);
});

test('two programs cannot write it at once', () => {
  const file = fileName();
  createTokenIn(file, { name: 'a', role: 'read' });
  writeFileSync(`${file}.new`, '');
  expect(() => createTokenIn(file, { name: 'b', role: 'read' })).toThrow(TokenFileError);
  expect(existsSync(`${file}.new`)).toBe(true);
  expect(readTokenFile(file)).toHaveLength(1);
});

test.each(['', 'system', 'SYSTEM', 'ana via token bot', 'a\nb', 'x'.repeat(65), '../x/y'])(
  'no token can be named %j',
  (name) => {
    const file = fileName();
    expect(() => createTokenIn(file, { name, role: 'read' })).toThrow(UsageError);
    expect(existsSync(file)).toBe(false);
  },
);

test('a name belongs to one token, and what is not there cannot be revoked', () => {
  const file = fileName();
  createTokenIn(file, { name: 'a', role: 'read' });
  expect(() => createTokenIn(file, { name: 'a', role: 'admin' })).toThrow(UsageError);
  expect(() => revokeTokenIn(file, 'b')).toThrow(UsageError);
  expect(readTokenFile(file)).toHaveLength(1);
});

test.each([
  ['nothing', ''],
  ['half of it', '{"version":1,"tokens":['],
  ['another version', '{"version":2,"tokens":[]}'],
  ['a role that there is not', entry({ role: 'root' })],
  ['no hash', entry({ sha256: 'abc' })],
  ['an expiry that is no time', entry({ expiresAt: 'soon' })],
])('a file with %s is refused, and names itself', (_name, content) => {
  const file = fileName();
  writeFileSync(file, content, { mode: 0o600 });
  expect(() => readTokenFile(file)).toThrow(TokenFileError);
  expect(() => readTokenFile(file)).toThrow(file);
});

test('a file that others may write is refused', () => {
  const file = fileName();
  writeFileSync(file, entry({}), { mode: 0o600 });
  expect(readTokenFile(file)).toHaveLength(1);
  chmodSync(file, 0o620);
  expect(() => readTokenFile(file)).toThrow('chmod 600');
});

test('tokens that have expired are listed as such', () => {
  const token = {
    name: 'a',
    role: 'read',
    sha256: 'f'.repeat(64),
    createdAt: '2026-01-01T00:00:00.000Z',
  } as const;
  const lines = tokenLines(
    [
      { ...token, expiresAt: '2026-02-01T00:00:00.000Z' },
      { ...token, name: 'long', expiresAt: null },
    ],
    Date.UTC(2026, 2),
  );
  expect(lines[0]).toMatch(/^a {5}read .* expired 2026-02-01/);
  expect(lines[1]).toMatch(/never expires$/);
});

test('an expiry is a time from now or a moment', () => {
  const now = Date.UTC(2026, 0, 1);
  expect(expiryOf('12h', now)).toBe('2026-01-01T12:00:00.000Z');
  expect(expiryOf('90d', now)).toBe('2026-04-01T00:00:00.000Z');
  expect(expiryOf('2030-01-31', now)).toBe('2030-01-31T00:00:00.000Z');
  for (const wrong of ['', '0d', 'tomorrow', '2025-01-01', '9x', '2030-13-45'])
    expect(() => expiryOf(wrong, now)).toThrow(UsageError);
});

function entry(changes: Record<string, unknown>): string {
  const token = {
    name: 'a',
    role: 'read',
    sha256: 'a'.repeat(64),
    createdAt: '2026-01-01T00:00:00Z',
    expiresAt: null,
  };
  return JSON.stringify({ version: 1, tokens: [{ ...token, ...changes }] });
}
