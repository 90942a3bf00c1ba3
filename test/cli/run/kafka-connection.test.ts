import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../cli/run/config/load-config.ts';
import { kafkaConnectionOf } from '../../../cli/run/kafka-connection.ts';

function connectionWith(environment: Record<string, string>): ReturnType<typeof kafkaConnectionOf> {
  const needed = { KAFKA_BROKERS: 'a:1,b:2', SCHEMA_REGISTRY_URL: 'http://r' };
  return kafkaConnectionOf(loadConfig({ environment: { ...needed, ...environment }, role: 'topology' }));
}

test('without more, connections are plain', () => {
  expect(connectionWith({})).toEqual({
    brokers: ['a:1', 'b:2'],
    clientId: 'incident-streams',
    connectTimeoutMs: 5_000,
    requestTimeoutMs: 30_000,
  });
});

test('TLS takes the texts of the files that are named, SASL what logs in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-connection-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['ca', 'cert', 'key']) writeFileSync(join(folder, name), `PEM of ${name}`);
  const options = connectionWith({
    INCIDENTS_KAFKA_TLS_ENABLED: 'true',
    INCIDENTS_KAFKA_TLS_CA_FILE: join(folder, 'ca'),
    INCIDENTS_KAFKA_TLS_CERT_FILE: join(folder, 'cert'),
    INCIDENTS_KAFKA_TLS_KEY_FILE: join(folder, 'key'),
    INCIDENTS_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
    INCIDENTS_KAFKA_SASL_USERNAME: 'me',
    INCIDENTS_KAFKA_SASL_PASSWORD: 'secret',
  });
  expect(options).toMatchObject({
    tls: { ca: 'PEM of ca', cert: 'PEM of cert', key: 'PEM of key' },
    sasl: { mechanism: 'SCRAM-SHA-256', username: 'me', password: 'secret' },
  });
});

test('encryption without files trusts what Node trusts', () => {
  expect(connectionWith({ INCIDENTS_KAFKA_TLS_ENABLED: 'true' }).tls).toEqual({});
});

test('a certificate that cannot be read is named by its key', () => {
  const environment = { INCIDENTS_KAFKA_TLS_ENABLED: 'true', INCIDENTS_KAFKA_TLS_CA_FILE: '/nowhere/ca.pem' };
  expect(() => connectionWith(environment)).toThrow(
    /kafka\.tls\.caFile cannot be read: .*\/nowhere\/ca\.pem/,
  );
});
