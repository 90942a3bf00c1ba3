import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../../../cli/errors.ts';
import { secretsOf, withoutSecrets } from '../../../cli/run/config/hide-secrets.ts';
import { loadConfig } from '../../../cli/run/config/load-config.ts';

const SECRET = `whsec_${Buffer.alloc(24, 'a secret').toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(24, 'another').toString('base64')}`;
const URL_WITH_TOKEN = 'https://hooks.example.com:8443/services/T0/topsecret?key=topsecret';

const NEEDED = {
  KAFKA_BROKERS: 'a:1',
  SCHEMA_REGISTRY_URL: 'http://registry:8081',
  REDIS_URL: 'redis://redis:6379',
};

function fileWith(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'webhooks-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'config');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function load(webhooks: unknown, environment: Record<string, string> = {}) {
  const given = { ...NEEDED, ...environment };
  return loadConfig({ environment: given, file: fileWith({ webhooks }) });
}

function refusal(webhooks: unknown): string {
  try {
    load(webhooks);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('the file names targets, each with its defaults', () => {
  const { webhooks } = load({ pager: { url: URL_WITH_TOKEN, secret: SECRET, services: 'payments, search' } });
  expect(webhooks).toEqual({
    pager: {
      url: URL_WITH_TOKEN,
      secret: [SECRET],
      services: ['payments', 'search'],
      minSeverity: 'INFO',
      allowedNetworks: [],
      allowPlainHttp: false,
      requestsPerSecond: 10,
      timeoutMs: 10_000,
      maxAttempts: 15,
      giveUpAfterMs: 900_000,
    },
  });
});

test('a variable, or a file that it names, holds the whole section as JSON, in place of that of the file', () => {
  const section = JSON.stringify({ chat: { url: 'https://chat.example.com', secret: SECRET } });
  for (const environment of [
    { INCIDENTS_WEBHOOKS: section },
    { INCIDENTS_WEBHOOKS_FILE: fileWith(`${section}\n`) },
  ]) {
    const { webhooks } = load({ pager: { url: URL_WITH_TOKEN, secret: SECRET } }, environment);
    expect(Object.keys(webhooks)).toEqual(['chat']);
  }
});

test('a secret may lie in a file of its own, and two may be in use', () => {
  const secretFile = fileWith(`${SECRET}\n${OTHER_SECRET}\n`);
  const { webhooks } = load({
    a: { url: URL_WITH_TOKEN, secretFile },
    b: { url: URL_WITH_TOKEN, secret: `${SECRET},${OTHER_SECRET}` },
    c: { url: URL_WITH_TOKEN, secret: [SECRET, OTHER_SECRET] },
  });
  for (const { secret } of Object.values(webhooks)) expect(secret).toEqual([SECRET, OTHER_SECRET]);
});

test('no secret of a webhook is shown, nor anything of its URL but the host; the log hides them too', () => {
  const secretFile = fileWith(OTHER_SECRET);
  const config = load({
    pager: { url: URL_WITH_TOKEN, secret: [SECRET, SECRET] },
    chat: { url: 'https://chat.example.com/topsecret', secretFile },
  });
  const shown = withoutSecrets(config);
  expect(JSON.stringify(shown)).not.toMatch(/whsec_|topsecret/);
  expect(shown).toMatchObject({
    webhooks: {
      pager: { url: 'https://hooks.example.com:8443/***', secret: ['***', '***'] },
      chat: { url: 'https://chat.example.com/***', secret: ['***'], secretFile },
    },
  });
  expect(secretsOf(config)).toEqual(expect.arrayContaining([SECRET, OTHER_SECRET, URL_WITH_TOKEN]));
  expect(config.webhooks['pager']?.secret).toEqual([SECRET, SECRET]);
});

const good = { url: URL_WITH_TOKEN, secret: SECRET };

test.each<[unknown, string]>([
  [{ pager: { secret: SECRET } }, 'webhooks.pager.url is missing'],
  [{ pager: { ...good, minSeverity: 'LOW' } }, 'webhooks.pager.minSeverity is "LOW" (from the file'],
  [{ pager: { ...good, types: ['CLOSED'] } }, 'webhooks.pager.types is ["CLOSED"]'],
  [{ pager: { ...good, maxAttempts: 0 } }, 'webhooks.pager.maxAttempts is 0'],
  [{ pager: { ...good, retries: 3 } }, 'webhooks.pager."retries" in the file'],
  [{ pager: 'topsecret' }, 'webhooks."pager" in the file'],
  [{ pager: ['topsecret'] }, 'must be an object with some of: url, secret, secretFile'],
  [{ 'Pager 1': good }, 'webhooks."Pager 1" in the file'],
  [{ X_y: good, pager: good }, 'a name must be lower-case letters, digits and dashes, at most 40'],
  [null, 'webhooks is'],
  [[good], 'a name being lower-case letters'],
  [{ pager: { url: URL_WITH_TOKEN } }, 'webhooks.pager: set secret or secretFile'],
  [{ pager: { ...good, secretFile: '/nowhere' } }, 'webhooks.pager: set secret or secretFile, not both'],
  [{ pager: { url: URL_WITH_TOKEN, secretFile: '/nowhere' } }, 'webhooks.pager.secretFile cannot be read'],
  [{ pager: { ...good, caFile: '/nowhere' } }, 'webhooks.pager.caFile cannot be read'],
  [{ pager: { ...good, secret: 'topsecret' } }, 'webhook pager: secret must be one or two'],
  [{ pager: { ...good, url: 'http://a.example.com/topsecret' } }, 'url must begin with https://'],
  [
    { pager: { ...good, url: 'ftp://a.example.com/topsecret' } },
    'webhooks.pager.url is "ftp://a.example.com/***"',
  ],
  [{ pager: { ...good, url: 'https://me:topsecret@a.example.com' } }, 'must not hold a user'],
  [{ pager: { ...good, url: 'https://[::ffff:169.254.169.254]/topsecret' } }, 'which is not allowed'],
  [{ pager: { ...good, allowedNetworks: '10.0.0.0' } }, 'allowedNetworks: "10.0.0.0" is no network'],
])('what cannot be used is refused by its place, without what is secret: %j', (webhooks, expected) => {
  const message = refusal(webhooks);
  expect(message).toContain(expected);
  expect(message).not.toMatch(/topsecret|whsec_[A-Za-z0-9]/);
});

test('a name that is not allowed hides no other mistake', () => {
  const webhooks = { X_y: { ...good, maxAttempts: 0 }, pager: { secret: SECRET }, 'a.b': good };
  const message = refusal(webhooks);
  for (const expected of [
    'webhooks."X_y" in',
    'webhooks.X_y.maxAttempts is 0',
    'webhooks.pager.url is missing',
    'webhooks."a.b" in',
  ])
    expect(message).toContain(expected);
  expect(message.split('\n')).toHaveLength(5);
});

test('what is wrong in the variable is said of the variable', () => {
  const environment = { ...NEEDED, INCIDENTS_WEBHOOKS: '{"pager": {"url": 7, "secret": "topsecret"' };
  expect(() => loadConfig({ environment })).toThrow(
    'webhooks is "***" (from the variable INCIDENTS_WEBHOOKS)',
  );
  environment.INCIDENTS_WEBHOOKS += '}}';
  expect(() => loadConfig({ environment })).toThrow(
    'webhooks.pager.url is "***" (from the variable INCIDENTS_WEBHOOKS)',
  );
});

test('a process with webhooks alone is a use of the role sinks', () => {
  const environment = { ...NEEDED, REDIS_URL: '', INCIDENTS_WEBHOOKS: JSON.stringify({ pager: good }) };
  expect(loadConfig({ environment, role: 'sinks' }).role).toBe('sinks');
});

test('the example of docs/webhooks.md is a configuration', async () => {
  const document = await readFile(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8');
  const [, example = ''] = /```json\n(.*?)```/s.exec(document) ?? [];
  const text = example.replace('whsec_…', SECRET).replace('/run/secrets/pager-webhook', fileWith(SECRET));
  const { webhooks } = load((JSON.parse(text) as { webhooks: unknown }).webhooks);
  expect(Object.keys(webhooks)).toEqual(['pager', 'team-chat']);
});
