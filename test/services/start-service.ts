import { dockerAnswers, startContainer } from './containers.ts';
import { startClickhouse } from './native/clickhouse.ts';
import { startKafka } from './native/kafka.ts';
import { startPostgres } from './native/postgres.ts';
import { startRedis } from './native/redis.ts';
import { startSchemaRegistry } from './native/schema-registry.ts';
import { URL_VARIABLES } from './service.ts';
import type { RunningService, ServiceName } from './service.ts';

const NATIVE: Record<ServiceName, (folder: string) => Promise<RunningService>> = {
  kafka: startKafka,
  schemaRegistry: startSchemaRegistry,
  redis: startRedis,
  postgres: startPostgres,
  clickhouse: startClickhouse,
};

/**
 * Finds a service in this order: the one named in the environment, a container, a process of this machine.
 * An explicit URL is taken at its word: where it is wrong, tests fail rather than run against something else.
 *
 * @param folder where the service may keep its data; it exists and is removed by the caller.
 */
export async function startService(name: ServiceName, folder: string): Promise<RunningService> {
  const given = process.env[URL_VARIABLES[name]];
  if (given !== undefined && given !== '') return { url: given, stop: () => Promise.resolve() };

  const failures: string[] = [];
  if (await dockerAnswers()) {
    try {
      return await startContainer(name);
    } catch (error) {
      failures.push(`in Docker: ${messageOf(error)}`);
    }
  } else {
    failures.push('no Docker engine answers');
  }
  try {
    return await NATIVE[name](folder);
  } catch (error) {
    failures.push(`as a process: ${messageOf(error)}`);
  }
  throw new Error(`No ${name}: ${URL_VARIABLES[name]} is not set; ${failures.join('; ')}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
