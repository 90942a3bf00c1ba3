import { expect, test } from 'vitest';
import { secretsOf, withoutSecrets } from '../../../cli/run/config/hide-secrets.ts';
import { loadConfig } from '../../../cli/run/config/load-config.ts';
import { createLog } from '../../../cli/run/log.ts';

const config = loadConfig({
  environment: {
    KAFKA_BROKERS: 'a:1',
    INCIDENTS_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    INCIDENTS_KAFKA_SASL_USERNAME: 'me',
    INCIDENTS_KAFKA_SASL_PASSWORD: 'kafka "secret"',
    SCHEMA_REGISTRY_URL: 'http://u:registry%40secret@registry',
    REDIS_URL: 'redis://:redis-secret@redis:1/2',
    CLICKHOUSE_URL: 'http://clickhouse:8123/history',
    INCIDENTS_CLICKHOUSE_PASSWORD: '1234',
  },
});

function logged(write: (log: ReturnType<typeof createLog>) => void, level = 'info'): string[] {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(createLog({ level, secrets: secretsOf(config), destination }));
  return lines;
}

test('the configuration is shown without its passwords, and with everything else', () => {
  const shown = withoutSecrets(config);
  const text = JSON.stringify(shown);
  expect(text).not.toMatch(/secret|1234"/);
  expect(shown).toMatchObject({
    kafka: { brokers: ['a:1'], sasl: { username: 'me', password: '***' } },
    registry: { url: 'http://u:***@registry/' },
    redis: { url: 'redis://:***@redis:1/2' },
    clickhouse: { url: 'http://clickhouse:8123/history', password: '***' },
  });
  expect(config.redis.url).toContain('redis-secret');
});

test('no line of the log holds a password, whoever put it there and however it is written', () => {
  const lines = logged((log) => {
    log.info({ config }, 'careless');
    log.error(new Error('login as me with kafka "secret" failed'));
    log.info({ url: 'http://u:registry%40secret@registry', nested: [{ text: 'registry@secret' }] }, '1234');
  });
  expect(lines).toHaveLength(3);
  expect(lines.join('')).not.toMatch(/kafka \\"secret|registry@secret|registry%40secret|redis-secret/);
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ msg: '***', level: 'info' });
});

test('what somebody else wrote cannot begin a line of its own, nor move the cursor of a terminal', () => {
  const text = 'done\r\n{"level":"fatal","msg":"forged"}\u001b[2J\u2028';
  const lines = logged((log) => log.warn({ text }, text));
  expect(lines).toHaveLength(1);
  for (const character of '\r\n\u001b') expect(lines[0]?.trimEnd()).not.toContain(character);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: text, text });
});

test('a password in a URL of several hosts is hidden as well, and kept out of the log', () => {
  const environment = {
    KAFKA_BROKERS: 'a:1',
    SCHEMA_REGISTRY_URL: 'http://r',
    INCIDENTS_REDIS_SENTINEL_PASSWORD: 'watch',
  };
  const url = 'redis+sentinel://app:top%20s,ecret@one:26379,other:26379/mymaster/1';
  const several = loadConfig({ environment: { ...environment, REDIS_URL: url } });
  expect(withoutSecrets(several)).toMatchObject({
    redis: {
      url: 'redis+sentinel://app:***@one:26379,other:26379/mymaster/1',
      sentinel: { password: '***' },
    },
  });
  expect(secretsOf(several)).toEqual(expect.arrayContaining(['top%20s,ecret', 'top s,ecret', 'watch']));
});
