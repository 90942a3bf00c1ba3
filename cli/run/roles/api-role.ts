import {
  TokenFileError,
  WatchedTokens,
  createHttpServer,
  listenHttp,
} from '../../../connectors/http/index.ts';
import type { HttpPorts, HttpServerOptions } from '../../../connectors/http/index.ts';
import { createRedisIncidentReader } from '../../../connectors/redis/index.ts';
import { TOPICS } from '../../../topology/topics.ts';
import { ConfigError } from '../../errors.ts';
import { createKafkaAlertFeed } from '../api/alert-feed.ts';
import { createClickHouseTimeline } from '../api/clickhouse-timeline.ts';
import { createIngestPorts } from '../api/ingest-ports.ts';
import { createKafkaLedger } from '../api/kafka-ledger.ts';
import { createIncidentReader } from '../api/redis-incidents.ts';
import type { HttpConfig } from '../config/http-section.ts';
import { openInbox } from '../inbox-writer.ts';
import { clickHouseOf, redisOf } from '../outside-systems.ts';
import type { ProcessParts, RunningRole } from '../process-parts.ts';

const PART = 'api';
/** Requests under way are given so long when the process stops. */
const CLOSE_GRACE_MS = 3_000;

/** Serves the HTTP API over Kafka and Redis. */
export async function startApi(parts: ProcessParts): Promise<RunningRole> {
  const { config, log } = parts;
  const cleanUp = new AsyncDisposableStack();
  try {
    const ports = await createPorts(parts, cleanUp);
    const { host, port } = config.http;
    const tokens = openTokens(parts);
    const server = createHttpServer(ports, { ...limitsOf(config.http), tokens, logger: log });
    cleanUp.defer(async () => {
      await server.close();
    });
    const url = await listenHttp(server, { host, port }).catch((error: unknown) => {
      throw asConfigError(error, port);
    });
    parts.parts.set(PART, 'ready');
    log.info({ api: url }, `the HTTP API listens, ${whoIsServed(tokens)}`);
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
  return { close: () => cleanUp.disposeAsync() };
}

function limitsOf(http: HttpConfig): HttpServerOptions {
  const { requestsPerSecond, maxConnections, maxConnectionsPerAddress } = http;
  return {
    allowedHosts: http.allowedHosts,
    requestTimeoutMs: http.requestTimeoutMs,
    rate: { perSecond: requestsPerSecond, burst: 2 * requestsPerSecond },
    connections: { maxConnections, maxConnectionsPerAddress },
    alerts: { maxClients: http.maxAlertClients, maxClientsPerCaller: http.maxAlertClientsPerCaller },
    closeGraceMs: CLOSE_GRACE_MS,
  };
}

/** @throws {ConfigError} when the file cannot be used */
function openTokens({ config, log }: ProcessParts): WatchedTokens | undefined {
  const { tokensFile } = config.http;
  if (tokensFile === undefined) return undefined;
  try {
    return new WatchedTokens(tokensFile, (problem) => {
      if (problem === undefined) log.info('the tokens have changed');
      else log.error({ err: problem }, 'nobody with a token is let in: the tokens cannot be read');
    });
  } catch (error) {
    if (error instanceof TokenFileError) throw new ConfigError(`http.tokensFile: ${error.message}`);
    throw error;
  }
}

function whoIsServed(tokens: WatchedTokens | undefined): string {
  return tokens === undefined
    ? 'and serves everybody who reaches it: there are no tokens'
    : 'and serves whoever has a token';
}

async function createPorts(parts: ProcessParts, cleanUp: AsyncDisposableStack): Promise<HttpPorts> {
  const { config, cluster, registry, serdes, log, partitions } = parts;
  const inbox = await openInbox(parts);
  cleanUp.defer(() => inbox.close());
  const redis = createRedisIncidentReader(redisOf(config) ?? { url: '' });
  cleanUp.defer(() => redis.close());
  const clickhouse = clickHouseOf(config);
  const history = clickhouse === undefined ? undefined : createClickHouseTimeline(clickhouse);
  cleanUp.defer(() => history?.close());
  return {
    incidents: createIncidentReader({ redis, ruleSet: parts.ruleSet, timeline: history?.timeline }),
    ...createIngestPorts({ inbox, registry }),
    alerts: createKafkaAlertFeed({
      cluster,
      topic: config.topics.prefix + TOPICS.transitions,
      partitions: partitions[TOPICS.transitions] ?? 0,
      serdes,
      beforeDecode: registry.beforeDecode,
      log,
    }),
    ledger: createKafkaLedger({
      cluster,
      applicationId: config.applicationId,
      topicPrefix: config.topics.prefix,
      partitions,
    }),
    readiness: { parts: () => parts.parts.all() },
  };
}

function asConfigError(error: unknown, port: number): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new ConfigError(`http.port ${port} is taken by another program`);
  return code === undefined ? error : new ConfigError(`http.host: ${message}`);
}
