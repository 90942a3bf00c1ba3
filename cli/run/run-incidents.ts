import { once } from 'node:events';
import { Registry, collectDefaultMetrics } from 'prom-client';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { loadRules } from '../demo/demo-options.ts';
import { ConfigError } from '../errors.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import type { RunConfig } from './config/config-schema.ts';
import { secretsOf, withoutSecrets } from './config/hide-secrets.ts';
import { loadConfig } from './config/load-config.ts';
import { kafkaConnectionOf } from './kafka-connection.ts';
import { refuseShortRetention } from './inbox-retention.ts';
import { createLog } from './log.ts';
import type { Log } from './log.ts';
import { observeParts } from './metrics/part-metrics.ts';
import { startMonitoring } from './monitoring-server.ts';
import type { MonitoringServer } from './monitoring-server.ts';
import { Parts } from './parts.ts';
import type { ProcessBase } from './process-parts.ts';
import { startRoles } from './roles/start-roles.ts';
import { listenForStop } from './stop-signals.ts';
import type { StopSignals } from './stop-signals.ts';

export interface RunCommandOptions {
  readonly config?: string;
  readonly role?: string;
  readonly printConfig?: boolean;
}

/**
 * Runs the incident pipeline on Kafka until the process is told to stop; resolves with its exit code.
 * @throws {ConfigError | RulesError | UsageError} before anything is started
 */
export async function runIncidents(options: RunCommandOptions): Promise<number> {
  const { config: file, role, printConfig } = options;
  const config = loadConfig({
    environment: process.env,
    ...(file === undefined ? {} : { file }),
    ...(role === undefined ? {} : { role }),
  });
  const ruleSet = loadRules(config.rules.file);
  refuseShortRetention(config, ruleSet);
  if (printConfig === true) {
    process.stdout.write(`${JSON.stringify(withoutSecrets(config), undefined, 2)}\n`);
    return 0;
  }
  const log = createLog({ level: config.log.level, secrets: secretsOf(config) });
  const stop = listenForStop(log);
  logCrashes(log);
  try {
    return await runUntilStopped({ config, ruleSet, log, stop });
  } catch (error) {
    log.fatal({ err: error }, `ending: ${(error as Error).message}`);
    return 1;
  } finally {
    stop.end();
  }
}

interface RunContext {
  readonly config: RunConfig;
  readonly ruleSet: RuleSet;
  readonly log: Log;
  readonly stop: StopSignals;
}

async function runUntilStopped({ config, ruleSet, log, stop }: RunContext): Promise<number> {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const parts = new Parts();
  observeParts(metrics, parts);
  const connection = kafkaConnectionOf(config);
  const cleanUp = new AsyncDisposableStack();
  const failures: Error[] = [];
  const fail = (error: Error): void => {
    failures.push(error);
    stop.stop();
  };
  try {
    const monitoring = await listen(config, { metrics, parts, log });
    cleanUp.defer(() => monitoring.close());
    log.info({ monitoring: monitoring.url, config: withoutSecrets(config) }, 'starting');
    const cluster = connectKafka(connection);
    cleanUp.defer(() => cluster.close());
    const { signal } = stop;
    const base: ProcessBase = { config, ruleSet, log, metrics, parts, cluster, signal, fail };
    cleanUp.use(await startRoles(base));
    log.info({ role: config.role }, 'started');
    if (!signal.aborted) await once(signal, 'abort');
  } catch (error) {
    // Whatever is given up because of the wish to stop is no failure.
    if (!stop.signal.aborted) throw error;
  } finally {
    await cleanUp.disposeAsync();
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  log.info('stopped');
  return 0;
}

async function listen(
  { monitoring: { host, port } }: RunConfig,
  parts: { readonly metrics: Registry; readonly parts: Parts; readonly log: Log },
): Promise<MonitoringServer> {
  try {
    return await startMonitoring({
      host,
      port,
      registry: parts.metrics,
      parts: () => parts.parts.all(),
      log: parts.log,
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new ConfigError(`monitoring.port ${port} is taken by another program`);
    throw new ConfigError(`monitoring.host and monitoring.port: ${message}`);
  }
}

/** What nobody has caught ends the process, as it would anyway, but in the log's form. */
function logCrashes(log: Log): void {
  const crash = (error: unknown): void => {
    log.fatal({ err: error }, 'ending: an error that nobody expected');
    process.exit(1);
  };
  process.on('uncaughtException', crash).on('unhandledRejection', crash);
}
