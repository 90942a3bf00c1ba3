import { Redis } from 'ioredis';
import { errorOfReply, isLoginFailure, RedisUnavailableError, RedisUsageError } from './redis-errors.ts';

export interface RedisConnectionOptions {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** How long a call waits for a connection, and then for the answer, before it rejects. Default 5000. */
  readonly timeoutMs?: number;
}

const MAX_RECONNECT_DELAY_MS = 1_000;

/**
 * One connection to Redis that reconnects by itself and never queues: a call is either sent on a live connection
 * or rejects with `REDIS_UNAVAILABLE` once `timeoutMs` have passed.
 */
export class RedisConnection {
  readonly #client: Redis;
  readonly #address: string;
  readonly #timeoutMs: number;
  #lastError = '';

  constructor(options: RedisConnectionOptions) {
    this.#address = addressOf(options.url);
    this.#timeoutMs = options.timeoutMs ?? 5_000;
    this.#client = new Redis(options.url, {
      lazyConnect: true,
      // Replies keep one shape on every server.
      protocol: 2,
      enableOfflineQueue: false,
      // Whoever sent a command decides whether to send it again.
      autoResendUnfulfilledCommands: false,
      connectTimeout: this.#timeoutMs,
      commandTimeout: this.#timeoutMs,
      retryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_DELAY_MS),
    });
    this.#client.on('error', (error: Error) => (this.#lastError = error.message));
    this.#client.on('ready', () => (this.#lastError = ''));
  }

  /** Runs commands on a live connection; `doing` opens the message of whatever goes wrong. */
  async run<T>(doing: string, work: (client: Redis) => Promise<T>): Promise<T> {
    if (this.#client.status !== 'ready') await this.#ready(doing);
    try {
      return await work(this.#client);
    } catch (error) {
      throw this.#coded(doing, error);
    }
  }

  defineScript(name: string, lua: string): void {
    this.#client.defineCommand(name, { lua });
  }

  close(): void {
    this.#client.disconnect();
  }

  async #ready(doing: string): Promise<void> {
    const client = this.#client;
    if (client.status === 'end') throw new RedisUsageError(`${doing}: the connection was closed`);
    if (client.status === 'wait') client.connect().catch(() => undefined);
    await new Promise<void>((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        client.off('ready', onReady).off('error', onError).off('end', onEnd);
        outcome();
      };
      const fail = () => settle(() => reject(this.#notConnected(doing)));
      const timer = setTimeout(fail, this.#timeoutMs);
      const onReady = () => settle(resolve);
      const onEnd = fail;
      const onError = (error: Error) => {
        if (isLoginFailure(error.message))
          settle(() => reject(errorOfReply(error.message, `${doing}: log in`)));
      };
      client.on('ready', onReady).on('error', onError).on('end', onEnd);
    });
  }

  #notConnected(doing: string): RedisUnavailableError {
    const why = this.#lastError === '' ? '' : ` (${this.#lastError})`;
    return new RedisUnavailableError(
      `${doing}: no connection to Redis at ${this.#address} within ${this.#timeoutMs} ms${why}`,
    );
  }

  #coded(doing: string, error: unknown): Error {
    if (!(error instanceof Error)) return new RedisUnavailableError(`${doing}: ${String(error)}`);
    if (error.name === 'ReplyError') return errorOfReply(error.message, doing, { cause: error.message });
    // A server that hangs must not collect what every retry sends: start over with a fresh connection.
    if (error.message === 'Command timed out') this.#client.disconnect(true);
    return new RedisUnavailableError(`${doing}: Redis at ${this.#address}: ${error.message}`);
  }
}

/** Host and port without the credentials: it goes into messages and logs. */
function addressOf(url: string): string {
  try {
    const { protocol, hostname, port } = new URL(url);
    if (/^rediss?:$/.test(protocol) && hostname !== '') return `${hostname}:${port || '6379'}`;
  } catch {
    // Said below, without the text of the URL, which may hold a password.
  }
  throw new RedisUsageError('url: expected redis://[user:password@]host:port[/db] or rediss://…');
}
