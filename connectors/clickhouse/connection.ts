import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { CodedError } from '@incident-streams/streams';
import { ClickHousePreparationError, ClickHouseUnavailableError } from './errors.ts';

export interface ClickHouseConnectionOptions {
  /** Of ClickHouse's HTTP interface, for example `http://127.0.0.1:8123`. */
  readonly url: string;
  /** Default `default`. */
  readonly username?: string;
  /** Default: none. */
  readonly password?: string;
  /** Made if it is missing. Default `history`. */
  readonly database?: string;
  /** How long `open` waits for ClickHouse to answer. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long one statement or insert may take. Default 30,000. */
  readonly requestTimeoutMs?: number;
}

export const DEFAULT_DATABASE = 'history';
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
const RETRY_DELAY_MS = 100;
const MAX_PING_MS = 2_000;

export function connect(options: ClickHouseConnectionOptions): ClickHouseClient {
  return createClient({
    url: options.url,
    username: options.username ?? 'default',
    password: options.password ?? '',
    database: options.database ?? DEFAULT_DATABASE,
    request_timeout: options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
    application: 'incident-streams',
    // Whoever calls gets the error; it need not be printed as well.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** @throws {ClickHouseUnavailableError} when it does not answer within `connectTimeoutMs`. */
export async function waitUntilReachable(options: ClickHouseConnectionOptions): Promise<void> {
  const timeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const deadlineMs = performance.now() + timeoutMs;
  const requestTimeoutMs = Math.min(MAX_PING_MS, timeoutMs, options.requestTimeoutMs ?? MAX_PING_MS);
  const client = connect({ ...options, requestTimeoutMs });
  try {
    for (;;) {
      const answer = await client.ping();
      if (answer.success) return;
      if (performance.now() + RETRY_DELAY_MS > deadlineMs) {
        const message = `ClickHouse at ${options.url} did not answer within ${timeoutMs} ms: ${answer.error.message}`;
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
  options: ClickHouseConnectionOptions,
  work: (client: ClickHouseClient) => Promise<T>,
): Promise<T> {
  const client = connect(options);
  try {
    return await work(client);
  } catch (error) {
    throw explain(error, options);
  } finally {
    await client.close();
  }
}

function explain(error: unknown, options: ClickHouseConnectionOptions): unknown {
  if (error instanceof CodedError || !(error instanceof Error)) return error;
  const where = `${options.database ?? DEFAULT_DATABASE} at ${options.url}`;
  if (error instanceof ClickHouseError) {
    const message = `ClickHouse cannot be prepared (${where}): ${error.message} (its code ${error.code})`;
    return new ClickHousePreparationError(message, { cause: error });
  }
  return new ClickHouseUnavailableError(`ClickHouse did not answer (${where}): ${error.message}`, {
    cause: error,
  });
}
