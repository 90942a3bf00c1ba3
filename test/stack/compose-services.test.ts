import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../cli/run/config/load-config.ts';
import { clusterSettings } from '../../stack/native/kafka-settings.ts';
import { STACK_PORTS } from '../../stack/ports.ts';
import { SERVICES } from '../../stack/services.ts';
import { IMAGES } from '../../stack/versions.ts';
import { composeFile, exampleEnvironment, filledIn, serviceOf, textOf } from './compose-file.ts';

const { services, volumes } = composeFile();
const everyService = Object.entries(services);
const needsPipeline = ['kafka', 'schema-registry', 'redis', 'clickhouse'];

/** `schemaRegistry` as the compose file calls it. */
function composeName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `min.insync.replicas` as the image of Kafka takes it. */
function kafkaVariable(setting: string): string {
  return `KAFKA_${setting.replaceAll('.', '_').toUpperCase()}`;
}

describe('what is the same as in the native stack', () => {
  test('the services', () => {
    expect(Object.keys(services).sort()).toEqual([...SERVICES.map(composeName), 'pipeline'].sort());
  });

  test('the ports, which are open to this machine alone', () => {
    const published = everyService.flatMap(([, { ports }]) =>
      ports.map((port) => port.split(':', 2).join(':')),
    );

    expect(published.sort()).toEqual(
      Object.values(STACK_PORTS)
        .map((port) => `127.0.0.1:${port}`)
        .sort(),
    );
  });

  test('the releases', () => {
    for (const name of SERVICES) expect(serviceOf(composeName(name)).image).toBe(IMAGES[name]);
  });

  test("Kafka's settings", () => {
    const environment = serviceOf('kafka').environment ?? {};
    const expected = Object.entries(clusterSettings(1)).map(([name, value]) => [kafkaVariable(name), value]);

    expect(environment).toMatchObject(Object.fromEntries(expected));
  });
});

describe('every service', () => {
  test.each(everyService)('%s names a release, never the latest', (_name, { image }) => {
    expect(image).toMatch(/:\d+(\.\d+)+/);
    expect(image).not.toContain('latest');
  });

  test.each(everyService)('%s may take so much memory and no more', (_name, { mem_limit }) => {
    expect(mem_limit).toMatch(/^\d+[mg]$/);
  });

  test.each(everyService)('%s says whether it is healthy', (name, { healthcheck }) => {
    if (name === 'pipeline') expect(textOf('Dockerfile')).toMatch(/^HEALTHCHECK .*\n +CMD \[.*\/healthz/m);
    else expect(healthcheck?.test[0]).toMatch(/^CMD(-SHELL)?$/);
  });

  test.each(everyService)('%s is waited for until it is healthy', (_name, { depends_on = {} }) => {
    for (const { condition } of Object.values(depends_on)) expect(condition).toBe('service_healthy');
  });

  test.each(everyService)('%s keeps data in named volumes only', (_name, service) => {
    const written = (service.volumes ?? []).filter((volume) => !volume.endsWith(':ro'));
    for (const volume of written) expect(Object.keys(volumes)).toContain(volume.split(':')[0]);
  });
});

test('the pipeline waits for everything that it talks to', () => {
  expect(Object.keys(serviceOf('pipeline').depends_on ?? {}).sort()).toEqual(needsPipeline.sort());
});

test('no password is written down, and each that is needed is in .env.example', () => {
  const given = everyService.flatMap(([, { environment = {} }]) => Object.entries(environment));
  const passwords = given.filter(([name]) => name.includes('PASSWORD')).map(([, value]) => value);

  expect(passwords.length).toBeGreaterThan(0);
  for (const value of passwords) {
    const variable = /^\$\{(\w+):\?/.exec(value)?.[1];
    expect(Object.keys(exampleEnvironment())).toContain(variable);
  }
});

test("the pipeline's environment is a configuration that it takes", () => {
  const environment = filledIn(serviceOf('pipeline').environment, exampleEnvironment());
  const fromImage = textOf('Dockerfile').matchAll(/(INCIDENTS_\w+)=(\S+)/g);
  for (const [, name, value] of fromImage) environment[name ?? ''] = value ?? '';

  const config = loadConfig({ environment });

  expect(config.kafka.brokers).toEqual(['kafka:29092']);
  expect(config.clickhouse.password).toBe(exampleEnvironment()['CLICKHOUSE_PASSWORD']);
  expect([config.http.host, config.monitoring.host]).toEqual(['0.0.0.0', '0.0.0.0']);
  expect([config.http.port, config.monitoring.port]).toEqual([STACK_PORTS.http, STACK_PORTS.monitoring]);
});

test("the image is named after this project's release", () => {
  const { version } = JSON.parse(textOf('package.json')) as { version: string };

  expect(serviceOf('pipeline').image).toBe(`incident-streams:${version}`);
});
