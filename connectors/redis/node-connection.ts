import type { Redis } from 'ioredis';
import { newRedisClient, peerOf } from './redis-client.ts';
import type { RedisSettings } from './redis-client.ts';
import type { RedisCall, RedisLink, Scripts } from './redis-link.ts';
import {
  codedError,
  isLoginFailure,
  RedisUnavailableError,
  RedisUsageError,
  replyKindOf,
} from './redis-errors.ts';
import type { RedisPeer } from './redis-errors.ts';
import type { RedisAddress } from './redis-url.ts';

export interface NodeConnectionOptions {
  readonly settings: RedisSettings;
  readonly node: RedisAddress;
  /** What messages call it. */
  readonly place: string;
  readonly scripts: Scripts;
}

const MAX_RECONNECT_DELAY_MS = 1_000;

/** A connection to one server: a node, or whichever is the master by what the sentinels say at each reconnect. */
export class NodeConnection implements RedisLink {
  readonly #options: NodeConnectionOptions;
  #client: Redis;
  #lastError = '';
  #isClosed = false;

  constructor(options: NodeConnectionOptions) {
    this.#options = options;
    this.#client = this.#newClient();
  }

  #newClient(): Redis {
    const { settings, node, scripts } = this.#options;
    const client = newRedisClient(settings, node, {
      scripts: { ...scripts },
      retryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_DELAY_MS),
    });
    client.on('error', (error: Error) => (this.#lastError = error.message));
    client.on('ready', () => (this.#lastError = ''));
    return client;
  }

  async run<T>({ doing }: Pick<RedisCall, 'doing'>, work: (client: Redis) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new RedisUsageError(`${doing}: the connection was closed`);
    if (this.#client.status === 'end') this.#client = this.#newClient();
    const client = this.#client;
    if (client.status !== 'ready') await this.#ready(client, doing);
    try {
      return await unlessClosed(client, work(client));
    } catch (error) {
      const coded = codedError(error, doing, this.#peer());
      const isHanging = error instanceof Error && error.message === 'Command timed out';
      // A master that was demoted is asked for by a new connection: sentinels and names lead to the new one.
      if (isHanging || replyKindOf(coded) === 'READONLY') this.#abandon(client);
      throw coded;
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
      const timer = setTimeout(fail, this.#options.settings.timeoutMs);
      const onReady = () => settle(resolve);
      const onEnd = fail;
      const onError = (error: Error) => {
        if (isLoginFailure(error.message)) settle(() => reject(codedError(error, doing, this.#peer())));
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

  #peer(): RedisPeer {
    return peerOf(this.#options.settings, this.#options.place);
  }

  #notConnected(doing: string): RedisUnavailableError {
    const { place, settings } = this.#options;
    const why = this.#lastError === '' ? '' : ` (${this.#lastError})`;
    return new RedisUnavailableError(
      `${doing}: no connection to Redis at ${place} within ${settings.timeoutMs} ms${why}`,
    );
  }
}

/** An answer does not come any more once the connection is lost: ioredis would wait for it until the time is over. */
function unlessClosed<T>(client: Redis, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error('the connection was lost before the answer came'));
    client.once('close', onClose);
    answer.then(resolve, reject).finally(() => client.off('close', onClose));
  });
}
