import type { AlertSubscription, SubscribeAlertsOptions } from './alert-subscription.ts';
import { StreamSubscription } from './stream-subscription.ts';

/**
 * Listens to alerts and misses none that the streams keep: Pub/Sub only says when to look, what is handed over comes
 * from the streams, after the last position, once. Reading goes at the loop's pace, a page of each partition at a time.
 * While Redis is away it waits, for ever; what is trimmed before it was read is reported as a gap.
 *
 * @throws {RedisUsageError} for options that cannot work, such as a `from` that is no position.
 */
export function subscribeAlerts(options: SubscribeAlertsOptions): AlertSubscription {
  return new StreamSubscription(options);
}
