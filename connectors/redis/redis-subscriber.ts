import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { newRedisClient, peerOf, settingsOf } from './redis-client.ts';
import type { RedisConnectionOptions, RedisSettings } from './redis-client.ts';
import { codedError, RedisUsageError } from './redis-errors.ts';
import { addressText, describeTarget } from './redis-url.ts';

export interface RedisSubscription {
  /** Whole names, prefix included. At least one. */
  readonly channels: readonly string[];
  readonly onMessage: (message: string, channel: string) => void;
  /**
   * Every channel is subscribed: once at first, and again after every interruption. What was published before is
   * not heard any more, so this is the moment to look what was missed.
   */
  readonly onSubscribed: () => void;
  /** The connection was lost, or could not be made; it is tried again. */
  readonly onInterrupted?: (error: Error) => void;
}

export interface RedisSubscriber {
  /** Nothing is called any more once it has resolved. */
  close(): Promise<void>;
}

const MAX_RECONNECT_DELAY_MS = 1_000;

/**
 * A connection that only listens, beside one for commands. It reconnects by itself, to whatever node of a cluster
 * answers (each of them hears what is published on any), and gives up a server that hangs within about twice `timeoutMs`.
 *
 * @throws {RedisUsageError} for options that cannot work.
 */
export function openRedisSubscriber(
  options: RedisConnectionOptions,
  subscription: RedisSubscription,
): RedisSubscriber {
  if (subscription.channels.length === 0) throw new RedisUsageError('channels: none is given');
  const settings = settingsOf(options);
  const closing = new AbortController();
  const listening = listenUntil(closing.signal, settings, subscription);
  return {
    async close() {
      closing.abort();
      await listening;
    },
  };
}

async function listenUntil(
  signal: AbortSignal,
  settings: RedisSettings,
  subscription: RedisSubscription,
): Promise<void> {
  let failures = 0;
  for (let attempt = 0; !signal.aborted; attempt++) {
    const error = await listenOnce(signal, settings, attempt, {
      ...subscription,
      onSubscribed() {
        failures = 0;
        subscription.onSubscribed();
      },
    });
    if (signal.aborted) return;
    subscription.onInterrupted?.(error);
    const delayMs = Math.min(50 * 2 ** failures++, MAX_RECONNECT_DELAY_MS);
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Resolves with what ended it. */
async function listenOnce(
  signal: AbortSignal,
  settings: RedisSettings,
  attempt: number,
  { channels, onMessage, onSubscribed }: RedisSubscription,
): Promise<Error> {
  const { nodes, kind } = settings.target;
  const node = nodes[attempt % nodes.length] ?? { host: '', port: 0 };
  const place = kind === 'cluster' ? addressText(node) : describeTarget(settings.target);
  const client = newRedisClient(settings, node, {
    retryStrategy: null,
    sentinelRetryStrategy: () => null,
  });
  // Says why, where a call that fails says only that the connection was closed.
  let reason: unknown;
  client.on('error', (error: Error) => (reason = error));
  client.on('message', (channel: string, message: string) => signal.aborted || onMessage(message, channel));
  const stop = () => client.disconnect();
  signal.addEventListener('abort', stop);
  try {
    await client.connect();
    await client.subscribe(...channels);
    if (!signal.aborted) onSubscribed();
    await untilEnd(client, settings.timeoutMs);
  } catch (error) {
    reason ??= error;
  } finally {
    signal.removeEventListener('abort', stop);
    client.disconnect();
  }
  return codedError(reason ?? new Error('the connection was closed'), 'SUBSCRIBE', peerOf(settings, place));
}

/** Asks now and then whether the server is still there: one that hangs does not close the connection. */
async function untilEnd(client: Redis, timeoutMs: number): Promise<void> {
  const ended = new AbortController();
  client.once('end', () => ended.abort());
  while (client.status === 'ready') {
    await sleep(timeoutMs, undefined, { signal: ended.signal }).catch(() => undefined);
    if (!ended.signal.aborted) await client.ping();
  }
}
