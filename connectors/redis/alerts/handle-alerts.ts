import type { RedisAlert } from '../redis-alert.ts';
import type { SubscribeAlertsOptions } from './alert-subscription.ts';
import { subscribeAlerts } from './subscribe-alerts.ts';

/** Where a program keeps its position between restarts: a file, a table, a key. */
export interface AlertPositionStore {
  /** Undefined where none was ever saved. */
  load(): Promise<string | undefined>;
  /** Resolves when a restart would find it. */
  save(position: string): Promise<void>;
}

export interface HandleAlertsOptions extends Omit<SubscribeAlertsOptions, 'from'> {
  readonly positions: AlertPositionStore;
  /** Where to begin while no position is stored. Default `now`. */
  readonly first?: 'now' | 'beginning';
  /**
   * Deals with one alert; the next one waits for it. What it does must bear a repetition: after a crash, or when it
   * rejects, the same alert comes again, with the same `id`.
   */
  readonly handle: (alert: RedisAlert) => Promise<void>;
}

/**
 * Deals with every alert at least once, over any number of restarts: the position is saved after each alert has been
 * dealt with. Resolves when the signal ends it; rejects with what `handle` or the store rejects with, or with what
 * a subscription throws.
 */
export async function handleAlerts(options: HandleAlertsOptions): Promise<void> {
  const { positions, first = 'now', handle, ...rest } = options;
  const stored = await positions.load();
  const subscription = subscribeAlerts({ ...rest, from: stored ?? first });
  try {
    if (stored === undefined && first === 'now') {
      // Or a restart before the first alert would begin at another now.
      const position = await subscription.begun();
      if (position !== undefined) await positions.save(position);
    }
    for await (const { alert, position } of subscription) {
      await handle(alert);
      await positions.save(position);
    }
    if (subscription.position !== undefined) await positions.save(subscription.position);
  } finally {
    await subscription.close();
  }
}
