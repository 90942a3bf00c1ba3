// Made by `npm run schemas` from schemas/WindowAggregate.avsc. Change that file, not this one.
import type { Severity } from './IncidentEvent.ts';

/**
 * What one correlation key reported within one window of event time. Published once, when the window has
 * closed.
 */
export interface WindowAggregate {
  /**
   * What belongs together: service/component, or service/component/fingerprint. Everything about one key is
   * kept in one partition, in order.
   */
  readonly correlationKey: string;
  /** The service, as the events named it. */
  readonly service: string;
  /** The component, as the events named it. */
  readonly component: string;
  /** Start of the window, inclusive. Milliseconds since the epoch. */
  readonly windowStart: number;
  /** End of the window, exclusive. Milliseconds since the epoch. */
  readonly windowEnd: number;
  /** Events of every kind within the window. */
  readonly count: number;
  /** Events of kind PROBLEM. */
  readonly problems: number;
  /** Events of kind SAMPLE. */
  readonly samples: number;
  /** Events of kind RECOVERY. */
  readonly recoveries: number;
  /** Sum of the values of the samples. Divided by their number it is their mean. */
  readonly valueSum: number;
  /** Least value of the samples. Null where there was none. */
  readonly valueMin: number | null;
  /** Greatest value of the samples. Null where there was none. */
  readonly valueMax: number | null;
  /** The worst severity among the problems. Null where there was none. */
  readonly highestSeverity: Severity | null;
  /** Time of the earliest event within the window. Milliseconds since the epoch. */
  readonly firstEventTime: number;
  /** Time of the latest event within the window. Milliseconds since the epoch. */
  readonly lastEventTime: number;
}
