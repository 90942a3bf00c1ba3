import type { KafkaRuntime } from '@incident-streams/streams/kafka';
import { createHttpServer, listenHttp } from '../../../connectors/http/index.ts';
import type { HttpPorts } from '../../../connectors/http/index.ts';
import { createRedisIncidentReader } from '../../../connectors/redis/index.ts';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import { correlationKeyOf } from '../../../topology/correlation.ts';
import { TOPICS } from '../../../topology/topics.ts';
import { ConfigError, LedgerElsewhereError } from '../../errors.ts';
import { createKafkaAlertFeed } from '../api/alert-feed.ts';
import { createClickHouseTimeline } from '../api/clickhouse-timeline.ts';
import { createIncidentReader } from '../api/redis-incidents.ts';
import { openInbox } from '../inbox-writer.ts';
import type { InboxPlace, InboxWriter, KeyedEntry } from '../inbox-writer.ts';
import { ledgerOf } from '../../pipeline/ledger.ts';
import { clickHouseOf, redisOf } from '../outside-systems.ts';
import type { ProcessParts, RunningRole } from '../process-parts.ts';

const PART = 'api';
/** Requests under way are given so long when the process stops. */
const CLOSE_GRACE_MS = 3_000;
/** A client is told after so long that nobody knows whether what it sent was stored. */
const MAX_APPEND_MS = 20_000;

/** Serves the HTTP API over Kafka and Redis. `runtime`: of this process, where it runs the topology, too. */
export async function startApi(parts: ProcessParts, runtime: KafkaRuntime | undefined): Promise<RunningRole> {
  const { config, log } = parts;
  const cleanUp = new AsyncDisposableStack();
  try {
    const ports = await createPorts(parts, runtime, cleanUp);
    const { allowedHosts, host, port } = config.http;
    const server = createHttpServer(ports, { logger: log, allowedHosts, closeGraceMs: CLOSE_GRACE_MS });
    cleanUp.defer(async () => {
      await server.close();
    });
    const url = await listenHttp(server, { host, port }).catch((error: unknown) => {
      throw asConfigError(error, port);
    });
    parts.parts.set(PART, 'ready');
    log.info({ api: url }, 'the HTTP API listens');
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
  return { close: () => cleanUp.disposeAsync() };
}

async function createPorts(
  parts: ProcessParts,
  runtime: KafkaRuntime | undefined,
  cleanUp: AsyncDisposableStack,
): Promise<HttpPorts> {
  const { config, cluster, registry, serdes, log, partitions } = parts;
  const inbox = await openInbox(parts);
  cleanUp.defer(() => inbox.close());
  const redis = createRedisIncidentReader(redisOf(config) ?? { url: '' });
  cleanUp.defer(() => redis.close());
  const clickhouse = clickHouseOf(config);
  const history = clickhouse === undefined ? undefined : createClickHouseTimeline(clickhouse);
  cleanUp.defer(() => history?.close());
  return {
    incidents: createIncidentReader(redis, history?.timeline),
    ...ingestPorts(inbox),
    alerts: createKafkaAlertFeed({
      cluster,
      topic: config.topics.prefix + TOPICS.transitions,
      partitions: partitions[TOPICS.transitions] ?? 0,
      serdes,
      beforeDecode: registry.beforeDecode,
      log,
    }),
    ledger: {
      partitions: () => {
        if (runtime !== undefined) return ledgerOf(runtime.counters(), partitionsOf(runtime));
        throw new LedgerElsewhereError(
          'Ask a process that runs the topology, or read the metrics of them all.',
        );
      },
    },
    readiness: { parts: () => parts.parts.all() },
  };
}

/** Those that have a task in this process. */
function partitionsOf(runtime: KafkaRuntime): number[] {
  const partitions = runtime.tasks().map(({ id }) => Number(id.split('_')[1]));
  return [...new Set(partitions)].sort((a, b) => a - b);
}

/**
 * The events of a batch may lie in several partitions, and are not written in one transaction: when some could not be
 * stored, none is confirmed, and those that were stored are recognised when they are sent again.
 */
function ingestPorts(inbox: InboxWriter): Pick<HttpPorts, 'events' | 'commands'> {
  const append = (entries: readonly KeyedEntry[]): Promise<InboxPlace[]> => inTime(inbox.append(entries));
  const appendMany = (events: readonly IncidentEvent[]): Promise<InboxPlace[]> => {
    const receivedAt = Date.now();
    return append(
      events.map((event) => ({ entry: { type: 'event', event }, key: correlationKeyOf(event), receivedAt })),
    );
  };
  return {
    events: { append: async (event) => first(await appendMany([event])), appendMany },
    commands: {
      append: async (command) => {
        const receivedAt = Date.now();
        const { correlationKey: key } = command;
        return first(await append([{ entry: { type: 'command', command }, key, receivedAt }]));
      },
    },
  };
}

function first([place]: readonly InboxPlace[]): InboxPlace {
  if (place === undefined) throw new TypeError('nothing was appended');
  return place;
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from Kafka in ${MAX_APPEND_MS} ms`)), MAX_APPEND_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function asConfigError(error: unknown, port: number): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new ConfigError(`http.port ${port} is taken by another program`);
  return code === undefined ? error : new ConfigError(`http.host: ${message}`);
}
