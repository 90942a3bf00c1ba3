import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import type { Alert } from '../../../schemas/alert.ts';

/** A real subscriber to the channel of all alerts. When its connection breaks it subscribes again. */
export interface AlertSubscriber {
  readonly heard: readonly Alert[];
  /** Resolves when everything published up to now has arrived. */
  readonly settle: () => Promise<void>;
}

const SETTLED = 'test-settled';

export async function subscribeToAlerts(url: string): Promise<AlertSubscriber> {
  const retryStrategy = (): number => 20;
  const subscriber = new Redis(url, { retryStrategy });
  const publisher = new Redis(url, { retryStrategy });
  onTestFinished(() => {
    subscriber.disconnect();
    publisher.disconnect();
  });
  const heard: Alert[] = [];
  let settled: (() => void) | undefined;
  for (const client of [subscriber, publisher]) client.on('error', () => undefined);
  subscriber.on('message', (channel: string, message: string) => {
    if (channel === SETTLED) settled?.();
    else heard.push(JSON.parse(message) as Alert);
  });
  await subscriber.subscribe('alerts', SETTLED);
  return {
    heard,
    settle: async () => {
      const arrived = new Promise<void>((resolve) => (settled = resolve));
      await publisher.publish(SETTLED, '');
      await arrived;
    },
  };
}
