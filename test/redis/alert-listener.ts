import { Redis } from 'ioredis';
import type { RedisAlert } from '../../connectors/redis/index.ts';

export interface HeardAlert {
  readonly channel: string;
  readonly alert: RedisAlert;
}

/** A real subscriber to every alert channel under a prefix. */
export interface AlertListener {
  readonly heard: HeardAlert[];
  /** Resolves when everything published up to now has arrived. */
  settle(): Promise<void>;
  close(): void;
}

export async function listenForAlerts(url: string, prefix: string): Promise<AlertListener> {
  const subscriber = new Redis(url);
  const publisher = new Redis(url);
  // It may outlive the server: both come back to it by themselves.
  for (const client of [subscriber, publisher]) client.on('error', () => undefined);
  const heard: HeardAlert[] = [];
  const marks = new Map<string, () => void>();
  subscriber.on('pmessage', (_pattern: string, channel: string, message: string) => {
    if (channel === `${prefix}alerts-settled`) marks.get(message)?.();
    else heard.push({ channel: channel.slice(prefix.length), alert: JSON.parse(message) as RedisAlert });
  });
  await subscriber.psubscribe(`${prefix}alerts*`);
  let lastMark = 0;
  return {
    heard,
    async settle() {
      const mark = String(lastMark++);
      const arrived = new Promise<void>((resolve) => marks.set(mark, resolve));
      await publisher.publish(`${prefix}alerts-settled`, mark);
      await arrived;
    },
    close() {
      subscriber.disconnect();
      publisher.disconnect();
    },
  };
}
