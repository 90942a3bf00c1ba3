import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningProgram } from './native/running-service.ts';
import type { StackOptions } from './options.ts';
import { serviceVariables, startPipeline, writeEnvironmentFile } from './pipeline.ts';
import { portsFrom, waitForPorts } from './ports.ts';
import type { Ports } from './ports.ts';
import { SERVICE_TITLES, brokerPorts, startServices, stopServices } from './services.ts';
import type { Services } from './services.ts';

export interface RunningStack {
  readonly ports: Ports;
  readonly services: Services;
  readonly pipeline: RunningProgram | undefined;
  /** Holds the variables by which other processes find the services. */
  readonly environmentFile: string;
  /** The pipeline first, so that it can finish its commit; Kafka last. */
  stop(): Promise<void>;
}

/**
 * Starts the services, and then the pipeline unless it is not wanted. They all end with this process, however it ends.
 *
 * @param say told in a few words how far it is.
 * @throws {PortTakenError} before anything is started.
 * @throws {StackDataError} where the data are those of a cluster of another size.
 * @throws {StackServiceError} for what did not start, after what did has been stopped.
 */
export async function startStack(options: StackOptions, say: (line: string) => void): Promise<RunningStack> {
  const startedAt = Date.now();
  const seconds = (): string => `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
  const ports = portsFrom(options.portOffset);
  await waitForPorts(portsOf(options, ports));
  const made = await mkdir(options.dataDir, { recursive: true });
  // PostgreSQL, which refuses to be root, has to pass through; nobody else has to see what is in it.
  if (made !== undefined) await chmod(options.dataDir, 0o711);
  const services = await startServices(options, ports, (name) =>
    say(`${SERVICE_TITLES[name]} is ready (${seconds()})`),
  );
  try {
    const variables = serviceVariables(services);
    const environmentFile = join(options.dataDir, 'env');
    await writeEnvironmentFile(environmentFile, variables);
    const pipeline = options.withoutPipeline ? undefined : await startPipeline(options, ports, variables);
    if (pipeline !== undefined) say(`The pipeline is ready (${seconds()})`);
    const stop = async (): Promise<void> => {
      await pipeline?.stop();
      await stopServices(services);
    };
    return { ports, services, pipeline, environmentFile, stop };
  } catch (error) {
    await stopServices(services);
    throw error;
  }
}

/** By the names that a person knows. */
function portsOf(options: StackOptions, ports: Ports): Record<string, number> {
  const { schemaRegistry, redis, clickhouse, postgres, http, monitoring } = ports;
  const brokers = brokerPorts(options, ports).map((port, index) => [`Kafka broker ${index + 1}`, port]);
  return {
    ...(Object.fromEntries(brokers) as Record<string, number>),
    [SERVICE_TITLES.schemaRegistry]: schemaRegistry,
    [SERVICE_TITLES.redis]: redis,
    [SERVICE_TITLES.clickhouse]: clickhouse,
    [SERVICE_TITLES.postgres]: postgres,
    ...(options.withoutPipeline ? {} : { 'HTTP API': http, 'health and metrics': monitoring }),
  };
}
