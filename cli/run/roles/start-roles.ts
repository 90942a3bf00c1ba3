import { openConfluentRegistry } from '../../../connectors/schema-registry/index.ts';
import type { ConfluentRegistry } from '../../../connectors/schema-registry/index.ts';
import { createSerdes } from '../../../schemas/serdes.ts';
import { incidentTopology } from '../../../topology/incident-topology.ts';
import type { RunConfig } from '../config/config-schema.ts';
import { tryKafka } from '../keep-trying.ts';
import { probeKafka } from '../kafka-probe.ts';
import type { ProcessBase, ProcessParts, RunningRole } from '../process-parts.ts';
import { schemaSubjects } from '../schema-subjects.ts';
import { setUpTopics } from '../topic-setup.ts';
import { startApi } from './api-role.ts';
import { startSinks } from './sinks-role.ts';
import { startTopology } from './topology-role.ts';

/** Starts what this process does, waiting for Kafka and the registry. Disposing of it closes all roles side by side. */
export async function startRoles(base: ProcessBase): Promise<AsyncDisposable> {
  const { config, ruleSet, cluster, parts } = base;
  for (const part of ['kafka', 'schema-registry', ...rolesOf(config)]) parts.set(part, 'starting');
  const cleanUp = new AsyncDisposableStack();
  try {
    const setUp = (): ReturnType<typeof setUpTopics> => setUpTopics(cluster.admin, config);
    const partitions = await tryKafka('setting up the topics', base, 'kafka', setUp);
    const registry = await openRegistry(base);
    cleanUp.defer(() => registry.close());
    const serdes = createSerdes(registry);
    const declared = incidentTopology(ruleSet, serdes, { webhooks: Object.keys(config.webhooks) });
    cleanUp.defer(probeKafka(base));
    cleanUp.use(await startEach({ ...base, registry, serdes, declared, partitions }));
    return cleanUp;
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
}

async function startEach(parts: ProcessParts): Promise<AsyncDisposable> {
  const roles = rolesOf(parts.config);
  const running: RunningRole[] = [];
  const closeAll = async (): Promise<void> => {
    await Promise.all(running.map((role) => role.close()));
  };
  try {
    if (roles.includes('topology')) running.push(await startTopology(parts));
    if (roles.includes('sinks')) running.push(startSinks(parts));
    if (roles.includes('api')) running.push(await startApi(parts));
  } catch (error) {
    await closeAll();
    throw error;
  }
  return { [Symbol.asyncDispose]: closeAll };
}

type Role = Exclude<RunConfig['role'], 'all'>;

function rolesOf({ role }: RunConfig): readonly Role[] {
  return role === 'all' ? ['topology', 'sinks', 'api'] : [role];
}

/** It waits by itself for a registry that does not answer. */
async function openRegistry({ config, log, parts, signal }: ProcessBase): Promise<ConfluentRegistry> {
  const { url, username, password, timeoutMs } = config.registry;
  const part = 'schema-registry';
  parts.set(part, 'starting', 'settling the ids of the schemas');
  let started = false;
  const registry = await openConfluentRegistry({
    url,
    timeoutMs,
    subjects: schemaSubjects(config.topics.prefix),
    signal,
    onRetry: (reason) => {
      log.warn({ reason }, 'waiting for the schema registry');
      if (!started) parts.set(part, 'starting', reason);
    },
    ...(username === undefined ? {} : { auth: { username, password: password ?? '' } }),
  });
  started = true;
  parts.set(part, 'ready');
  return registry;
}
