import { subscribeAlerts } from '../../connectors/redis/index.ts';
import type {
  AlertDelivery,
  AlertStatus,
  AlertSubscription,
  RedisAlert,
  SubscribeAlertsOptions,
} from '../../connectors/redis/index.ts';

/** A subscriber that reads as fast as it can and keeps what it was given. */
export interface Receiver {
  readonly subscription: AlertSubscription;
  readonly deliveries: readonly AlertDelivery[];
  readonly statuses: readonly AlertStatus[];
  /** Resolves when so many have come, however long that takes; rejects when the subscription ends before. */
  received(count: number): Promise<void>;
  /** Resolves when it has told of the state so many times. */
  told(state: AlertStatus['state'], times?: number): Promise<void>;
  /** Resolves when the loop is over; rejects with what the loop threw. */
  close(): Promise<void>;
}

export function receive(options: SubscribeAlertsOptions): Receiver {
  const deliveries: AlertDelivery[] = [];
  const statuses: AlertStatus[] = [];
  const watchers = new Set<() => void>();
  const changed = () => watchers.forEach((watch) => watch());
  const subscription = subscribeAlerts({
    ...options,
    onStatus(status) {
      statuses.push(status);
      options.onStatus?.(status);
      changed();
    },
  });
  const loop = (async () => {
    for await (const delivery of subscription) {
      deliveries.push(delivery);
      changed();
    }
  })();
  loop.catch(() => undefined);
  const until = (isDone: () => boolean, what: string) =>
    new Promise<void>((resolve, reject) => {
      const watch = () => {
        if (isDone()) resolve();
      };
      watchers.add(watch);
      watch();
      loop.then(() => isDone() || reject(new Error(`the loop ended before ${what}`)), reject);
    });
  return {
    subscription,
    deliveries,
    statuses,
    received: (count) => until(() => deliveries.length >= count, `${count} alerts`),
    told: (state, times = 1) =>
      until(() => statuses.filter((status) => status.state === state).length >= times, state),
    async close() {
      await subscription.close();
      await loop;
    },
  };
}

/** The stream ids that were handed over, in their order, partition by partition. */
export function idsByPartition(alerts: readonly RedisAlert[], partitions: number): string[][] {
  const ids: string[][] = Array.from({ length: partitions }, () => []);
  for (const { stream } of alerts) ids[stream.partition]?.push(stream.id);
  return ids;
}

export function alertsOf(deliveries: readonly AlertDelivery[]): RedisAlert[] {
  return deliveries.map(({ alert }) => alert);
}
