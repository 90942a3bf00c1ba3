import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../cli/run/config/load-config.ts';
import { redisOf } from '../../../cli/run/outside-systems.ts';

function redisWith(environment: Record<string, string>): ReturnType<typeof redisOf> {
  const needed = { KAFKA_BROKERS: 'a:1', SCHEMA_REGISTRY_URL: 'http://r' };
  return redisOf(loadConfig({ environment: { ...needed, ...environment } }));
}

test('without more, the URL says it all', () => {
  const url = 'redis+cluster://u:p@one:7000,other:7000';
  expect(redisWith({ REDIS_URL: url })).toEqual({ url, prefix: '', timeoutMs: 5_000 });
});

test('TLS takes the texts of the files that are named, sentinels a login of their own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'redis-connection-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, name), `PEM of ${name}`);
  const options = redisWith({
    REDIS_URL: 'rediss+sentinel://one:26379,other:26379/mymaster',
    INCIDENTS_REDIS_TLS_CA_FILE: join(folder, 'ca'),
    INCIDENTS_REDIS_TLS_CERT_FILE: join(folder, 'cert'),
    INCIDENTS_REDIS_TLS_KEY_FILE: join(folder, 'key'),
    INCIDENTS_REDIS_TLS_SERVERNAME: 'redis.internal',
    INCIDENTS_REDIS_SENTINEL_USERNAME: 'looker',
    INCIDENTS_REDIS_SENTINEL_PASSWORD: 'secret',
  });
  expect(options).toMatchObject({
    tls: { ca: 'PEM of ca', cert: 'PEM of cert', key: 'PEM of key', servername: 'redis.internal' },
    sentinel: { username: 'looker', password: 'secret' },
  });
});

test.each([
  [{ REDIS_URL: 'redis://a:1,b:1' }, 'redis.url'],
  [{ REDIS_URL: 'redis+sentinel://a:1,b:1' }, 'redis.url'],
  [
    { REDIS_URL: 'redis://a:1', INCIDENTS_REDIS_TLS_CA_FILE: 'ca.pem' },
    'redis.url does not begin with rediss',
  ],
  [{ REDIS_URL: 'rediss://a:1', INCIDENTS_REDIS_TLS_KEY_FILE: 'key.pem' }, 'must be given both or neither'],
  [{ REDIS_URL: 'redis://a:1', INCIDENTS_REDIS_SENTINEL_PASSWORD: 'x' }, 'names no sentinels'],
  [
    { REDIS_URL: 'rediss://a:1', INCIDENTS_REDIS_TLS_CA_FILE: '/nowhere/ca.pem' },
    'redis.tls.caFile cannot be read',
  ],
])('%j is refused', (environment, message) => {
  expect(() => redisWith(environment)).toThrow(message);
});
