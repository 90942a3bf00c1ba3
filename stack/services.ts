import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StackDataError, StackServiceError } from './errors.ts';
import { startClickhouse } from './native/clickhouse.ts';
import { startKafkaCluster } from './native/kafka-cluster.ts';
import { startPostgres } from './native/postgres.ts';
import { startRedis } from './native/redis.ts';
import { startSchemaRegistry } from './native/schema-registry.ts';
import type { RunningService } from './native/running-service.ts';
import type { StackOptions } from './options.ts';
import type { Ports } from './ports.ts';

export const SERVICES = ['kafka', 'schemaRegistry', 'redis', 'clickhouse', 'postgres'] as const;
export type ServiceName = (typeof SERVICES)[number];
export type Services = Readonly<Record<ServiceName, RunningService>>;

export const SERVICE_TITLES: Readonly<Record<ServiceName, string>> = {
  kafka: 'Kafka',
  schemaRegistry: 'Registry',
  redis: 'Redis',
  clickhouse: 'ClickHouse',
  postgres: 'PostgreSQL',
};

/** Kafka last: the registry and everybody else may still be talking to it. */
const STOP_ORDER: readonly (readonly ServiceName[])[] = [
  ['schemaRegistry', 'redis', 'clickhouse', 'postgres'],
  ['kafka'],
];

/** Where each broker listens: the usual port and those right after it. */
export function brokerPorts({ brokers }: Pick<StackOptions, 'brokers'>, ports: Ports): number[] {
  return Array.from({ length: brokers }, (_, index) => ports.kafka + index);
}

/**
 * Starts all services beside one another, each with its data in a folder of its own.
 *
 * @param onReady told of each as it answers.
 * @throws {StackServiceError} for the first that did not start; those that did are stopped again.
 */
export async function startServices(
  options: StackOptions,
  ports: Ports,
  onReady: (name: ServiceName) => void,
): Promise<Services> {
  const dataDir = resolve(options.dataDir);
  await checkBrokers(join(dataDir, 'kafka'), options.brokers);
  const starters = startersOf(options, ports);
  const started: Partial<Record<ServiceName, RunningService>> = {};
  const starts = await Promise.allSettled(
    SERVICES.map(async (name) => {
      const folder = join(dataDir, folderName(name));
      await mkdir(folder, { recursive: true });
      started[name] = await starters[name](folder);
      onReady(name);
    }),
  );
  for (const [index, start] of starts.entries()) {
    if (start.status === 'fulfilled') continue;
    await stopServices(started);
    const title = SERVICE_TITLES[SERVICES[index] ?? 'kafka'];
    throw new StackServiceError(`${title} did not start: ${messageOf(start.reason)}`, {
      cause: start.reason,
    });
  }
  return started as Services;
}

export async function stopServices(services: Partial<Services>): Promise<void> {
  for (const together of STOP_ORDER) {
    await Promise.all(together.map((name) => services[name]?.stop() ?? Promise.resolve()));
  }
}

function startersOf(
  options: StackOptions,
  ports: Ports,
): Readonly<Record<ServiceName, (folder: string) => Promise<RunningService>>> {
  const kept = (name: ServiceName) => ({ port: ports[name], keepsData: true });
  return {
    kafka: (folder) =>
      startKafkaCluster({ folder, brokers: options.brokers, ports: brokerPorts(options, ports) }),
    schemaRegistry: (folder) => startSchemaRegistry(folder, kept('schemaRegistry')),
    redis: (folder) => startRedis(folder, kept('redis')),
    clickhouse: (folder) => startClickhouse(folder, { port: ports.clickhouse }),
    postgres: (folder) => startPostgres(folder, kept('postgres')),
  };
}

/** Brokers that are not there, or are there without the data of the others, would be a cluster that never forms. */
async function checkBrokers(folder: string, brokers: number): Promise<void> {
  const known = (await readdir(folder).catch(() => [])).filter((name) => /^\d+$/.test(name)).length;
  if (known === 0 || known === brokers) return;
  throw new StackDataError(
    `${folder} holds a cluster of ${known} broker(s), not of ${brokers}: use --brokers ${known}, another --data-dir, or delete the folder above it`,
  );
}

/** `schemaRegistry` as a folder's name. */
function folderName(name: ServiceName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
