import { KafkaRuntime } from '@incident-streams/streams/kafka';
import type { KafkaRuntimeOptions, RuntimeEvent, TaskStatus } from '@incident-streams/streams/kafka';
import type { PartReadiness } from '../../../connectors/http/index.ts';
import { TOPICS } from '../../../topology/topics.ts';
import { tryKafka } from '../keep-trying.ts';
import { StreamMetrics } from '../metrics/stream-metrics.ts';
import type { ProcessParts, RunningRole } from '../process-parts.ts';
import { startTicks } from '../ticks/start-ticks.ts';
import { logRuntimeEvent } from './runtime-log.ts';

const PART = 'topology';

export interface TopologyRole extends RunningRole {
  readonly runtime: KafkaRuntime;
}

/** Runs tasks of the incident topology, and writes the ticks that they need. */
export async function startTopology(parts: ProcessParts): Promise<TopologyRole> {
  const { config, log, fail } = parts;
  const metrics = new StreamMetrics(parts.metrics);
  const onEvent = (event: RuntimeEvent): void => {
    metrics.hear(event);
    logRuntimeEvent(log, event);
    if (event.type === 'failed') fail(new Error(`the topology has failed: ${event.reason}`));
  };
  const runtime = await tryKafka('starting the topology', parts, PART, () =>
    startRuntime(runtimeOptions(parts, onEvent)),
  );
  metrics.observe({ state: () => runtime.state(), tasks: () => runtime.tasks() });
  parts.parts.ask(PART, () => [readinessOf(runtime)]);
  const stopTicks = config.ticks.enabled ? await startTicks(parts, runtime) : undefined;
  return {
    runtime,
    close: async () => {
      await Promise.all([stopTicks?.(), runtime.close()]);
    },
  };
}

/** A runtime is started once: after a failure another one is tried. */
async function startRuntime(options: KafkaRuntimeOptions): Promise<KafkaRuntime> {
  const runtime = new KafkaRuntime(options);
  try {
    await runtime.start();
    return runtime;
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

function runtimeOptions(parts: ProcessParts, onEvent: (event: RuntimeEvent) => void): KafkaRuntimeOptions {
  const { config, cluster, declared, registry } = parts;
  const { applicationId, instanceId, stateDirectory, topics } = config;
  const transitions = topics.prefix + TOPICS.transitions;
  return {
    ...config.processing,
    topology: declared.topology,
    cluster,
    applicationId,
    topicPrefix: topics.prefix,
    // Alerts are among the transitions; to look into each record would cost more than a commit now and then.
    isUrgent: ({ topic }) => topic === transitions || topic === TOPICS.transitions,
    beforeDecode: registry.beforeDecode,
    onEvent,
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(stateDirectory === undefined ? {} : { stateDirectory }),
    ...(topics.replicationFactor === undefined ? {} : { replicationFactor: topics.replicationFactor }),
  };
}

function readinessOf(runtime: KafkaRuntime): PartReadiness {
  const failure = runtime.failure();
  if (failure !== undefined) return { name: PART, state: 'failed', reason: failure.message };
  const tasks = runtime.tasks();
  const busy = tasks.filter(({ state }) => state !== 'running');
  if (runtime.state() === 'running' && busy.length === 0)
    return { name: PART, state: 'ready', reason: `${tasks.length} tasks, ${lagOf(tasks)} records behind` };
  const reason = busy.length === 0 ? 'the group is being formed' : busy.map(progressOf).join('; ');
  return { name: PART, state: 'starting', reason };
}

function lagOf(tasks: readonly TaskStatus[]): number {
  return tasks.reduce((sum, { lag }) => sum + lag, 0);
}

function progressOf({ id, state, restore }: TaskStatus): string {
  if (restore === undefined) return `task ${id} is ${state}`;
  const { store, restored, remaining, estimateMs } = restore;
  const estimate = estimateMs === undefined ? '' : `, about ${Math.ceil(estimateMs / 1_000)} s left`;
  return `task ${id} restores ${store}: ${restored} of ${restored + remaining} records${estimate}`;
}
