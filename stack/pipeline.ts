import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StackServiceError } from './errors.ts';
import { startProgram } from './native/program.ts';
import type { RunningProgram } from './native/running-service.ts';
import type { StackOptions } from './options.ts';
import type { Ports } from './ports.ts';
import type { Services } from './services.ts';

const PROGRAM = join(import.meta.dirname, '../cli/main.ts');
/** It ends by itself within ten seconds. */
const STOP_MS = 15_000;

/** How any process of the pipeline finds these services. */
export function serviceVariables(services: Services): Readonly<Record<string, string>> {
  return {
    KAFKA_BROKERS: services.kafka.url,
    SCHEMA_REGISTRY_URL: services.schemaRegistry.url,
    REDIS_URL: services.redis.url,
    CLICKHOUSE_URL: services.clickhouse.url,
  };
}

/** Writes what `node --env-file=…` reads. It holds a password, so that only its owner may read it. */
export async function writeEnvironmentFile(
  file: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(file, lines.join(''), { mode: 0o600 });
}

/** @throws {StackServiceError} with the end of its output, where it does not become ready. */
export async function startPipeline(
  options: StackOptions,
  ports: Ports,
  variables: Readonly<Record<string, string>>,
): Promise<RunningProgram> {
  const folder = join(resolve(options.dataDir), 'pipeline');
  await mkdir(folder, { recursive: true });
  try {
    return await startProgram({
      url: `http://127.0.0.1:${ports.http}`,
      command: process.execPath,
      args: [PROGRAM, 'run'],
      folder,
      environment: {
        ...variables,
        INCIDENTS_STATE_DIRECTORY: join(folder, 'state'),
        INCIDENTS_HTTP_PORT: String(ports.http),
        INCIDENTS_MONITORING_PORT: String(ports.monitoring),
      },
      ask: () => askPipeline(ports),
      stopMs: STOP_MS,
    });
  } catch (error) {
    throw new StackServiceError(`the pipeline did not start: ${(error as Error).message}`, { cause: error });
  }
}

async function askPipeline({ monitoring }: Ports): Promise<void> {
  const reply = await fetch(`http://127.0.0.1:${monitoring}/readyz`);
  if (!reply.ok) throw new Error(`HTTP ${reply.status}: ${await reply.text()}`);
}
