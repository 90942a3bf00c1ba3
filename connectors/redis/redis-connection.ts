import { CodedError } from '@incident-streams/streams';
import { Redis } from 'ioredis';
import { errorOfReply, isLoginFailure, RedisUnavailableError, RedisUsageError } from './redis-errors.ts';

export interface RedisConnectionOptions {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** How long a call waits for a connection, and then for the answer, before it rejects. Default 5000. */
  readonly timeoutMs?: number;
}

/** Scripts by the name that they are called by. */
export type Scripts = Readonly<Record<string, { readonly lua: string }>>;

/** One call to Redis. */
export interface RedisCall {
  /** Command and key, or what it is for: it opens the message of whatever goes wrong. */
  readonly doing: string;
  /** A key that the call touches: in a cluster it goes to the node that holds this one. */
  readonly key: string;
}

const MAX_RECONNECT_DELAY_MS = 1_000;

/**
 * One connection to Redis that reconnects by itself and never queues: a call is either sent on a live connection
 * or rejects with `REDIS_UNAVAILABLE` once `timeoutMs` have passed.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #scripts: Scripts;
  readonly #address: string;
  readonly #timeoutMs: number;
  #client: Redis;
  #lastError = '';
  #isClosed = false;

  constructor(options: RedisConnectionOptions, scripts: Scripts = {}) {
    this.#options = options;
    this.#scripts = scripts;
    this.#address = addressOf(options.url);
    this.#timeoutMs = options.timeoutMs ?? 5_000;
    this.#client = this.#newClient();
  }

  #newClient(): Redis {
    const client = new Redis(this.#options.url, {
      lazyConnect: true,
      // Replies keep one shape on every server.
      protocol: 2,
      enableOfflineQueue: false,
      // Whoever sent a command decides whether to send it again.
      autoResendUnfulfilledCommands: false,
      connectTimeout: this.#timeoutMs,
      commandTimeout: this.#timeoutMs,
      retryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_DELAY_MS),
      scripts: { ...this.#scripts },
    });
    client.setMaxListeners(0);
    client.on('error', (error: Error) => (this.#lastError = error.message));
    client.on('ready', () => (this.#lastError = ''));
    return client;
  }

  /** Sends one command on a live connection. */
  async run<T>({ doing }: RedisCall, work: (client: Redis) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new RedisUsageError(`${doing}: the connection was closed`);
    const client = this.#client;
    if (client.status !== 'ready') await this.#ready(client, doing);
    try {
      return await work(client);
    } catch (error) {
      if (error instanceof Error && error.message === 'Command timed out') this.#abandon(client);
      throw this.#coded(doing, error);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#client.disconnect();
  }

  async #ready(client: Redis, doing: string): Promise<void> {
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

  /** A server that hangs must not collect what every retry sends: the next call takes a fresh connection. */
  #abandon(client: Redis): void {
    if (client !== this.#client || this.#isClosed) return;
    client.disconnect();
    this.#client = this.#newClient();
  }

  #notConnected(doing: string): RedisUnavailableError {
    const why = this.#lastError === '' ? '' : ` (${this.#lastError})`;
    return new RedisUnavailableError(
      `${doing}: no connection to Redis at ${this.#address} within ${this.#timeoutMs} ms${why}`,
    );
  }

  #coded(doing: string, error: unknown): Error {
    if (error instanceof CodedError) return error;
    if (!(error instanceof Error)) return new RedisUnavailableError(`${doing}: ${String(error)}`);
    if (error.name === 'ReplyError') return errorOfReply(error.message, doing, { cause: error.message });
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
