import { expect, test } from 'vitest';
import { loadConfig } from '../../../cli/run/config/load-config.ts';
import { ConfigError } from '../../../cli/errors.ts';

const NEEDED = {
  KAFKA_BROKERS: 'a:1',
  SCHEMA_REGISTRY_URL: 'http://registry:8081',
  REDIS_URL: 'redis://redis:6379',
};

function load(environment: Record<string, string>, role = 'api') {
  return loadConfig({ environment: { ...NEEDED, ...environment }, role });
}

test.each([
  '0.0.0.0',
  '::',
  '192.0.2.1',
  'incidents.example',
  '127.0.0.1.example',
  '128.0.0.1',
  '::ffff:0.0.0.0',
])('to listen on %s without tokens is refused, and the message names the keys', (host) => {
  const environment = { INCIDENTS_HTTP_HOST: host };
  expect(() => load(environment)).toThrow(ConfigError);
  for (const key of ['http.host', 'http.tokensFile', 'http.allowAnonymous'])
    expect(() => load(environment)).toThrow(key);
  expect(() => load(environment, 'all')).toThrow('http.tokensFile');
  expect(load(environment, 'topology').http.host).toBe(host);
  expect(load({ ...environment, INCIDENTS_HTTP_TOKENS_FILE: '/x' }).http.tokensFile).toBe('/x');
  expect(load({ ...environment, INCIDENTS_HTTP_ALLOW_ANONYMOUS: 'true' }).http.allowAnonymous).toBe(true);
});

test.each(['127.0.0.1', '127.8.0.1', '::1', 'localhost', 'LOCALHOST'])('%s needs no tokens', (host) => {
  expect(load({ INCIDENTS_HTTP_HOST: host }).http.host).toBe(host);
});

test('to let everybody in and to ask for tokens contradict each other', () => {
  const environment = { INCIDENTS_HTTP_ALLOW_ANONYMOUS: 'true', INCIDENTS_HTTP_TOKENS_FILE: '/x' };
  expect(() => load(environment)).toThrow('leave one of them out');
});
