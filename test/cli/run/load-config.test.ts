import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CONFIG_KEYS } from '../../../cli/run/config/keys.ts';
import { loadConfig } from '../../../cli/run/config/load-config.ts';
import { ConfigError } from '../../../cli/errors.ts';

const NEEDED = {
  KAFKA_BROKERS: 'a:1',
  SCHEMA_REGISTRY_URL: 'http://registry:8081',
  REDIS_URL: 'redis://redis:6379',
};

function fileWith(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'load-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'config');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function refusal(
  environment: Record<string, string>,
  options: { file?: string; role?: string } = {},
): string {
  try {
    loadConfig({ environment: { ...NEEDED, ...environment }, ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('an option counts before a variable, a variable before the file, the file before the default', () => {
  const file = fileWith({
    role: 'sinks',
    applicationId: 'from-file',
    topics: { partitions: 3, eventsPartitions: 4 },
  });
  const environment = { ...NEEDED, INCIDENTS_ROLE: 'api', INCIDENTS_TOPICS_PARTITIONS: '12' };
  const config = loadConfig({ environment, file, role: 'topology' });
  expect(config.role).toBe('topology');
  expect(config.applicationId).toBe('from-file');
  expect(config.topics).toMatchObject({ partitions: 12, eventsPartitions: 4, retentionMs: 604_800_000 });
});

test('the file may also be named by a variable, and a variable that is empty counts as not set', () => {
  const file = fileWith({ log: { level: 'warn' } });
  const environment = { ...NEEDED, INCIDENTS_CONFIG: file, INCIDENTS_LOG_LEVEL: '' };
  expect(loadConfig({ environment }).log.level).toBe('warn');
});

test('texts of variables become lists, numbers and booleans', () => {
  const environment = {
    ...NEEDED,
    INCIDENTS_KAFKA_BROKERS: 'a:1, [::1]:2,',
    INCIDENTS_HTTP_PORT: '0',
    INCIDENTS_TICKS_ENABLED: 'false',
  };
  const { kafka, http, ticks } = loadConfig({ environment });
  expect([kafka.brokers, http.port, ticks.enabled]).toEqual([['a:1', '[::1]:2'], 0, false]);
});

test('a secret may lie in a file that a variable names, without the line break at its end', () => {
  const environment = {
    ...NEEDED,
    INCIDENTS_KAFKA_SASL_MECHANISM: 'PLAIN',
    INCIDENTS_KAFKA_SASL_USERNAME: 'me',
    INCIDENTS_KAFKA_SASL_PASSWORD_FILE: fileWith('pass word\n'),
    REDIS_URL: '',
    REDIS_URL_FILE: fileWith('redis://u:p@elsewhere:1\r\n'),
  };
  const { kafka, redis } = loadConfig({ environment });
  expect([kafka.sasl.password, redis.url]).toEqual(['pass word', 'redis://u:p@elsewhere:1']);
});

test.each([
  [
    { INCIDENTS_PROCESSING_COMMIT_INTERVAL_MS: '1.5' },
    ['processing.commitIntervalMs', '"1.5"', 'from 1 to 60000'],
  ],
  [{ INCIDENTS_KAFKA_BROKERS: 'nowhere' }, ['kafka.brokers', '"nowhere"', 'host:port']],
  [{ INCIDENTS_TOPICS_REPLICATION_FACTOR: '0' }, ['topics.replicationFactor', '"0"', 'from 1 to 100']],
  [{ INCIDENTS_TICKS_ENABLED: 'yes' }, ['ticks.enabled', '"yes"', 'true or false']],
  [{ INCIDENTS_ROLE: 'sink' }, ['role', '"sink"', 'one of all, topology, sinks, api']],
])('a bad value is refused by key, value, variable and what is allowed: %j', (environment, expected) => {
  const message = refusal(environment);
  for (const part of [...expected, Object.keys(environment)[0] ?? '']) expect(message).toContain(part);
});

test('what is missing is refused with every variable that would set it', () => {
  const message = refusal({ KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '' });
  expect(message).toContain('by INCIDENTS_KAFKA_BROKERS or KAFKA_BROKERS;');
  expect(message).toContain('by INCIDENTS_REGISTRY_URL or SCHEMA_REGISTRY_URL;');
});

test('what is wrong in the file is refused by its name: bad values, unknown keys, sections that are none', () => {
  const file = fileWith({ kafka: { borkers: 1, clientId: 7 }, topics: 3, extra: {} });
  const message = refusal({}, { file });
  expect(message).toContain(`kafka."borkers" in the file "${file}" is no key`);
  expect(message).toContain(`kafka.clientId is 7 (from the file "${file}")`);
  expect(message).toContain(`topics in the file "${file}" must be an object`);
  expect(message).toContain('"extra"');
});

test('a key __proto__ is refused and changes no prototype', () => {
  expect(refusal({}, { file: fileWith('{"__proto__": {"role": "api"}}') })).toContain('"__proto__"');
  expect(({} as { role?: string }).role).toBeUndefined();
});

test('a file that is missing or no JSON is refused by its name', () => {
  expect(refusal({}, { file: '/nowhere/config.json' })).toContain('"/nowhere/config.json"');
  const broken = fileWith('{');
  expect(refusal({}, { file: broken })).toContain(broken);
});

test('a variable that begins with INCIDENTS_ and that nobody reads is refused', () => {
  expect(refusal({ INCIDENTS_KAFKA_BROKER: 'a:1' })).toContain('"INCIDENTS_KAFKA_BROKER"');
});

test('a value cannot begin a line of its own in the message', () => {
  expect(refusal({ INCIDENTS_ROLE: 'all\nINFO all is well' })).not.toContain('\nINFO');
});

test('no message shows a password', () => {
  const environment = {
    REDIS_URL: 'http://user:hunter2@redis',
    INCIDENTS_REGISTRY_PASSWORD: 'hunter2'.repeat(200),
    INCIDENTS_CLICKHOUSE_URL: 'not a url: hunter2',
  };
  const message = refusal(environment);
  for (const key of ['redis.url', 'registry.password', 'clickhouse.url']) expect(message).toContain(key);
  expect(message).not.toContain('hunter2');
});

test.each([
  [
    { REDIS_URL: '' },
    'redis.url is missing (set it in the configuration file or by INCIDENTS_REDIS_URL or REDIS_URL)',
  ],
  [
    { REDIS_URL: '', INCIDENTS_ROLE: 'sinks' },
    'Set INCIDENTS_REDIS_URL or REDIS_URL, or INCIDENTS_CLICKHOUSE_URL or CLICKHOUSE_URL, or INCIDENTS_WEBHOOKS',
  ],
  [{ INCIDENTS_KAFKA_SASL_MECHANISM: 'PLAIN' }, 'kafka.sasl.password is missing'],
  [{ INCIDENTS_KAFKA_SASL_PASSWORD: 'x' }, 'kafka.sasl.mechanism is none'],
  [{ INCIDENTS_KAFKA_TLS_CA_FILE: 'x' }, 'kafka.tls.enabled is false'],
  [{ INCIDENTS_KAFKA_TLS_ENABLED: 'true', INCIDENTS_KAFKA_TLS_KEY_FILE: 'x' }, 'both or neither'],
  [{ INCIDENTS_HTTP_PORT: '9464' }, 'they must differ'],
])('what does not go together is refused: %j', (environment, expected) => {
  expect(refusal(environment)).toContain(expected);
});

test('a role needs only what it uses', () => {
  expect(loadConfig({ environment: { ...NEEDED, REDIS_URL: '' }, role: 'topology' }).role).toBe('topology');
});

test('the example is a configuration', () => {
  const file = new URL('../../../incidents.example.json', import.meta.url).pathname;
  expect(loadConfig({ environment: {}, file }).kafka.brokers).toEqual(['127.0.0.1:9092']);
});

test('docs/run.md has every key with its variables, its default and what is allowed', async () => {
  const document = await readFile(new URL('../../../docs/run.md', import.meta.url), 'utf8');
  const rows = document.split('\n').filter((line) => line.startsWith('| `'));
  for (const { key, variables, usual, allowed } of CONFIG_KEYS) {
    const row = rows.find((line) => line.startsWith(`| \`${key}\` `)) ?? '';
    for (const variable of variables) expect(row).toContain(`\`${variable}\``);
    if (usual !== undefined && usual !== '')
      expect(row).toContain(`\`${typeof usual === 'string' ? usual : JSON.stringify(usual)}\``);
    expect(row).toContain(`Must be ${allowed}.`);
  }
});
