import type { Failure } from './failure.ts';

/** What the delivery to an outside system tells. `connector` is the sink's name in the topology. */
export type SinkDeliveryEvent = SinkRetrying | SinkRecovered | SinkRestoring | SinkRestored;

/** An attempt has failed and is made again: told of each. */
export interface SinkRetrying extends Failure {
  readonly type: 'sink-retrying';
  readonly connector: string;
  /** Those that wait for it; none where the sink has not been opened, or has not joined its group. */
  readonly partitions: readonly number[];
}

/** Nothing of what failed fails any more: told once after any number of `sink-retrying`. */
export interface SinkRecovered {
  readonly type: 'sink-recovered';
  readonly connector: string;
}

/**
 * The outside system holds less of a partition than it has acknowledged, and gets the effects of `fromOffset` up to, but
 * not including, `toOffset` again. Told once, however many attempts that takes.
 */
export interface SinkRestoring {
  readonly type: 'sink-restoring';
  readonly connector: string;
  readonly partition: number;
  readonly fromOffset: number;
  readonly toOffset: number;
  /** Whether the table comes first, and then only what is left of the topic. */
  readonly snapshot: boolean;
}

/** The outside system has all of the partition again that it had acknowledged. */
export interface SinkRestored {
  readonly type: 'sink-restored';
  readonly connector: string;
  readonly partition: number;
}
