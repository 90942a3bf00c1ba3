import type { RedisAlert } from '../redis-alert.ts';
import type { RedisConnectionOptions } from '../redis-client.ts';
import type { AlertFilter } from './alert-filter.ts';
import type { AlertStatus } from './alert-status.ts';

export interface SubscribeAlertsOptions extends RedisConnectionOptions, AlertFilter {
  /** The prefix that the sink was given. */
  readonly prefix?: string;
  /**
   * `'now'`: what is appended after this call has reached Redis. `'beginning'`: everything that the streams still keep.
   * Or the position of a delivery, of this or of an earlier process: everything after that delivery.
   */
  readonly from: string;
  /** How long to wait before looking into the streams although nothing was heard on the channels. Default 2000. */
  readonly pollMs?: number;
  /** Ends the subscription, as `close` does. */
  readonly signal?: AbortSignal;
  /** Told of connections and gaps as they come. It must not throw. */
  readonly onStatus?: (status: AlertStatus) => void;
}

export interface AlertDelivery {
  readonly alert: RedisAlert;
  /**
   * Where to go on after this alert, over all partitions, for `from`. A program that stores it once it has dealt with
   * the alert gets each alert at least once over its restarts. Opaque: keep it as it is.
   */
  readonly position: string;
}

/**
 * Alerts in the order of each partition, and so of each incident; between partitions there is no order. One loop
 * reads it, and leaving the loop closes the subscription. The loop throws only what waiting does not help:
 * `REDIS_FORBIDDEN`, `REDIS_WRONG_TYPE`, `REDIS_COMMAND` (an entry that is no alert of this version).
 */
export interface AlertSubscription extends AsyncIterable<AlertDelivery> {
  /**
   * Resolves with the position that the subscription begins from, once Redis has told it. From then on nothing is
   * missed, whatever is still to come up. Undefined when it is closed before. Rejects as the loop would.
   */
  begun(): Promise<string | undefined>;
  /** Ends the loop without an error. Resolves when both connections are closed. */
  close(): Promise<void>;
  /**
   * Where it stands: after the delivery that was handed over last, and what the filters left out behind it. Undefined
   * while `from: 'now'` has not reached Redis yet.
   */
  readonly position: string | undefined;
}
