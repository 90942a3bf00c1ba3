import type { FastifyBaseLogger } from 'fastify';
import type { RateLimit } from './auth/request-rates.ts';
import type { TokenSource } from './auth/watched-tokens.ts';
import type { ConnectionLimits } from './connection-limits.ts';

export interface HttpServerOptions {
  /** Where failures are logged; without it, standard error, warnings and worse. */
  readonly logger?: FastifyBaseLogger;
  /** Host names besides localhost, 127.0.0.1 and [::1] that the API may be asked under, without port. */
  readonly allowedHosts?: readonly string[];
  /** The largest body that is read. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Events in one POST. Default 1,000. */
  readonly maxBatchEvents?: number;
  readonly alerts?: Partial<AlertStreamOptions>;
  /** Whom the API serves. Without it, everybody who reaches it. */
  readonly tokens?: TokenSource | undefined;
  /** Requests of one token, or of one address where there is none. Default 5,000 a second, 10,000 at once. */
  readonly rate?: RateLimit;
  /** Default 4,096, of them 1,024 from one address. */
  readonly connections?: Partial<ConnectionLimits>;
  /** How long a request may take to arrive, its body included. Default 30 s; its head has at most 10 s of them. */
  readonly requestTimeoutMs?: number;
  /** How long closing waits for requests under way before it cuts them off. Default 5 s. */
  readonly closeGraceMs?: number;
  /** Milliseconds since the epoch; stamps commands. */
  readonly now?: () => number;
  /** Names commands; must never repeat. */
  readonly newId?: () => string;
}

export interface AlertStreamOptions {
  /** Subscribers at a time. Default 100. */
  readonly maxClients: number;
  /** Of them, those of one token, or of one address where there is none. Default 50. */
  readonly maxClientsPerCaller: number;
  /** Bytes that may wait for one subscriber. Default 1 MiB. */
  readonly maxBufferedBytes: number;
  /** Default 15 s. */
  readonly heartbeatMs: number;
  /** How soon subscribers should come back. Default 2 s. */
  readonly retryMs: number;
  /** How long a subscriber that is let go may take to read what waits for it. Default 2 s. */
  readonly drainMs: number;
}

export const ALERT_STREAM_DEFAULTS: AlertStreamOptions = {
  maxClients: 100,
  maxClientsPerCaller: 50,
  maxBufferedBytes: 1024 * 1024,
  heartbeatMs: 15_000,
  retryMs: 2_000,
  drainMs: 2_000,
};

export const RATE_DEFAULTS: RateLimit = { perSecond: 5_000, burst: 10_000 };

export const CONNECTION_DEFAULTS: ConnectionLimits = {
  maxConnections: 4_096,
  maxConnectionsPerAddress: 1_024,
};
