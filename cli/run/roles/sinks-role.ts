import { Counter, Gauge } from 'prom-client';
import { KafkaSinks } from '@incident-streams/streams/kafka';
import type { AnySinkConnector, KafkaSinkStatus, SinkEvent } from '@incident-streams/streams/kafka';
import {
  createDeadLettersSink,
  createEventsSink,
  createTransitionsSink,
  createWindowsSink,
} from '../../../connectors/clickhouse/index.ts';
import type { PartReadiness } from '../../../connectors/http/index.ts';
import { createRedisTransitionsSink } from '../../../connectors/redis/index.ts';
import { SINKS } from '../../../topology/topics.ts';
import { clickHouseOf, pipelineName, redisOf } from '../outside-systems.ts';
import type { ProcessParts, RunningRole } from '../process-parts.ts';
import { SinkLog } from './sink-log.ts';
import { webhookSinks } from './webhook-sinks.ts';

const PART = 'sinks';

/** Carries the topics to Redis, ClickHouse and webhooks, as far as they are configured. */
export function startSinks(parts: ProcessParts): RunningRole {
  const { config, cluster, declared, registry, log } = parts;
  const { applicationId, instanceId, topics, processing } = config;
  const sinkLog = new SinkLog(log);
  const count = countEvents(parts);
  const sinks = new KafkaSinks({
    topology: declared.topology,
    cluster,
    applicationId,
    sinks: { ...connectorsOf(parts), ...webhookSinks(parts) },
    topicPrefix: topics.prefix,
    sessionTimeoutMs: processing.sessionTimeoutMs,
    rebalanceTimeoutMs: processing.rebalanceTimeoutMs,
    beforeDecode: registry.beforeDecode,
    onEvent: (event) => {
      sinkLog.hear(event);
      count(event);
    },
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(topics.replicationFactor === undefined ? {} : { replicationFactor: topics.replicationFactor }),
  });
  sinks.start();
  parts.parts.ask(PART, () => [...sinks.status().map(readinessOf), ...off(parts)]);
  observe(parts, sinks);
  return { close: () => sinks.close() };
}

function connectorsOf({ config }: ProcessParts): Record<string, AnySinkConnector> {
  const redis = redisOf(config);
  const clickhouse = clickHouseOf(config);
  const { retentionDays, migrate } = config.clickhouse;
  const tables = {
    schema: migrate ? ('migrate' as const) : ('check' as const),
    ...(retentionDays === undefined ? {} : { retentionDays }),
  };
  return {
    ...(redis === undefined
      ? {}
      : { [SINKS.redis]: createRedisTransitionsSink({ ...redis, pipeline: pipelineName(config) }) }),
    ...(clickhouse === undefined
      ? {}
      : {
          [SINKS.transitionHistory]: createTransitionsSink({ ...clickhouse, ...tables }),
          [SINKS.windowHistory]: createWindowsSink({ ...clickhouse, ...tables }),
          [SINKS.eventHistory]: createEventsSink({ ...clickhouse, ...tables }),
          [SINKS.deadLetterHistory]: createDeadLettersSink({ ...clickhouse, ...tables }),
        }),
  };
}

/** What `/readyz` says of a sink. */
export function readinessOf(status: KafkaSinkStatus): PartReadiness {
  const { connector, state, lag, failure, restoring, partitions, waitingFor } = status;
  const behind = restoring ? `restoring, ${lag} records behind` : `${lag} records behind`;
  if (failure !== undefined) return { name: connector, state: 'failed', reason: `${failure} (${behind})` };
  if (state !== 'running') {
    const reason = waitingFor === undefined ? `the sink is ${state}` : `waits for ${waitingFor} (${behind})`;
    return { name: connector, state: 'starting', reason };
  }
  return { name: connector, state: 'ready', reason: `${partitions.length} partitions, ${behind}` };
}

function off({ config }: ProcessParts): PartReadiness[] {
  return (['redis', 'clickhouse'] as const)
    .filter((name) => config[name].url === undefined)
    .map((name) => ({ name, state: 'off', reason: `${name}.url is not set` }));
}

/** Counts what the outside systems have lost, and what retention has deleted before they had it. */
export function countEvents({ metrics }: Pick<ProcessParts, 'metrics'>): (event: SinkEvent) => void {
  const deleted = new Counter({
    name: 'incidents_sink_records_deleted_total',
    help: 'Records that retention deleted before the outside system had them, or had them again.',
    labelNames: ['sink'],
    registers: [metrics],
  });
  const restores = new Counter({
    name: 'incidents_sink_restores_total',
    help: 'Times that the outside system held less of a partition than it had acknowledged, and got it back.',
    labelNames: ['sink'],
    registers: [metrics],
  });
  return (event) => {
    if (event.type === 'sink-restoring') restores.inc({ sink: event.connector });
    if (event.type === 'sink-records-deleted')
      deleted.inc({ sink: event.connector }, event.toOffset - event.fromOffset);
  };
}

function observe({ metrics }: ProcessParts, sinks: KafkaSinks): void {
  const gauge = (name: string, help: string, read: (status: KafkaSinkStatus) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['sink'],
      registers: [metrics],
      collect() {
        for (const status of sinks.status()) this.set({ sink: status.connector }, read(status));
      },
    });
  };
  gauge('incidents_sink_records_lag', 'Records that the outside system does not have yet.', ({ lag }) => lag);
  gauge('incidents_sink_restoring', '1 while the outside system gets back what it lost.', ({ restoring }) =>
    restoring ? 1 : 0,
  );
  gauge('incidents_sink_failing', '1 while the last attempt failed.', ({ failure }) =>
    failure === undefined ? 0 : 1,
  );
}
