import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { CodedError } from '@incident-streams/streams';
import { ClickHousePreparationError, ClickHouseUnavailableError, ClickHouseUsageError } from './errors.ts';

export interface ClickHouseConnectionOptions {
  /** Of ClickHouse's HTTP interface: `http[s]://[username[:password]@]host[:port][/database]`. */
  readonly url: string;
  /** Default: the one in the URL, else `default`. */
  readonly username?: string;
  /** Default: the one in the URL, else none. */
  readonly password?: string;
  /** Made if it is missing. Default: the one in the URL, else `history`. */
  readonly database?: string;
  /** How long `open` waits for ClickHouse to answer. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long one statement or insert may take. Default 30,000. */
  readonly requestTimeoutMs?: number;
}

/** Every option with its value. The URL holds no password, so that it may be shown. */
export type ClickHouseConnection = Required<ClickHouseConnectionOptions>;

const RETRY_DELAY_MS = 100;
const MAX_PING_MS = 2_000;

/** @throws {ClickHouseUsageError} for a URL that is none; it is not shown, for it may hold a password. */
export function resolveConnection(options: ClickHouseConnectionOptions): ClickHouseConnection {
  const url = URL.parse(options.url);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ClickHouseUsageError('url: expected http[s]://[user[:password]@]host[:port][/database]');
  return {
    url: `${url.origin}${url.search}`,
    username: options.username ?? (decodeURIComponent(url.username) || 'default'),
    password: options.password ?? decodeURIComponent(url.password),
    database: options.database ?? (decodeURIComponent(url.pathname.slice(1)) || 'history'),
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
  };
}

export function connect(connection: ClickHouseConnection): ClickHouseClient {
  return createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password,
    database: connection.database,
    request_timeout: connection.requestTimeoutMs,
    application: 'incident-streams',
    // Whoever calls gets the error; it need not be printed as well.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** @throws {ClickHouseUnavailableError} when it does not answer within `connectTimeoutMs`. */
export async function waitUntilReachable(connection: ClickHouseConnection): Promise<void> {
  const { url, connectTimeoutMs } = connection;
  const deadlineMs = performance.now() + connectTimeoutMs;
  const requestTimeoutMs = Math.min(MAX_PING_MS, connectTimeoutMs, connection.requestTimeoutMs);
  const client = connect({ ...connection, requestTimeoutMs });
  try {
    for (;;) {
      const answer = await client.ping();
      if (answer.success) return;
      if (performance.now() + RETRY_DELAY_MS > deadlineMs) {
        const message = `ClickHouse at ${url} did not answer within ${connectTimeoutMs} ms: ${answer.error.message}`;
        throw new ClickHouseUnavailableError(message, { cause: answer.error });
      }
      await sleep(RETRY_DELAY_MS);
    }
  } finally {
    await client.close();
  }
}

/**
 * Works on the database with a client that is closed afterwards.
 *
 * @throws {ClickHousePreparationError} where ClickHouse refuses a statement.
 * @throws {ClickHouseUnavailableError} where it does not answer.
 */
export async function withClient<T>(
  connection: ClickHouseConnection,
  work: (client: ClickHouseClient) => Promise<T>,
): Promise<T> {
  const client = connect(connection);
  try {
    return await work(client);
  } catch (error) {
    throw explain(error, connection);
  } finally {
    await client.close();
  }
}

function explain(error: unknown, connection: ClickHouseConnection): unknown {
  if (error instanceof CodedError || !(error instanceof Error)) return error;
  const where = `${connection.database} at ${connection.url}`;
  if (error instanceof ClickHouseError) {
    const message = `ClickHouse cannot be prepared (${where}): ${error.message} (its code ${error.code})`;
    return new ClickHousePreparationError(message, { cause: error });
  }
  return new ClickHouseUnavailableError(`ClickHouse did not answer (${where}): ${error.message}`, {
    cause: error,
  });
}
