import type { SinkDeliveryEvent } from '../../sinks/sink-delivery-event.ts';
import type { SinkStatus } from '../../sinks/sink-status.ts';

/** What the sinks tell those who keep a log or count. `connector` is the sink's name in the topology. */
export type SinkEvent =
  | SinkDeliveryEvent
  | { readonly type: 'sink-assigned'; readonly connector: string; readonly partitions: readonly number[] }
  | { readonly type: 'sink-rebalancing'; readonly connector: string }
  /** Somebody else has taken over what this process was delivering. */
  | { readonly type: 'sink-fenced'; readonly connector: string; readonly reason: string }
  /** A write did not end in time for a rebalance; whoever has the partition next writes the same batch again. */
  | { readonly type: 'sink-write-left'; readonly connector: string; readonly partitions: readonly number[] }
  /** The topic's retention has deleted records that the sink did not have, or had to get again. */
  | ({ readonly type: 'sink-records-deleted'; readonly connector: string } & DeletedRange);

/** Offsets from `fromOffset` up to, but not including, `toOffset`. */
export interface DeletedRange {
  readonly partition: number;
  readonly fromOffset: number;
  readonly toOffset: number;
}

export interface KafkaSinkStatus extends SinkStatus {
  /** `starting` until it has joined its group and its connector has been opened: before, nothing is delivered. */
  readonly state: 'starting' | 'rebalancing' | 'running' | 'stopped';
  /** What has to come before it delivers; undefined while it runs, and when it is stopped. */
  readonly waitingFor: string | undefined;
  /** The partitions that this process delivers. */
  readonly partitions: readonly number[];
  /** What was missing in the topic when it was to be delivered: the last ones, since the start. */
  readonly deleted: readonly DeletedRange[];
}
