import type { SinkConnector, Topology } from '@incident-streams/streams';
import type { AnySinkConnector, SinkDeliveryEvent, SinkStatus } from '@incident-streams/streams/embedded';
import type { InputRecord } from '../stream-case.ts';

/** A runtime that feeds the sink named `sink` from the topic `out`, as `copyingToSink` declares it. */
export interface SinkHost {
  readonly name: string;
  /** Makes the topics of the sinks, and what is remembered of them from one run to the next. */
  place(partitions: number, topology?: Topology): Promise<SinkPlace>;
}

export interface SinkPlace extends AsyncDisposable {
  /** Writes to the topics of the sinks; the records say to which partition. */
  produce(records: readonly InputRecord[]): Promise<void>;
  /** Feeds the connector for the length of a callback. */
  run(
    connector: SinkConnector<string, string>,
    use: (sinks: RunningSinks) => Promise<void>,
    options?: RunOptions,
  ): Promise<void>;
}

export interface RunOptions {
  /** Connectors of the other sinks that the topology declares. */
  readonly others?: Readonly<Record<string, AnySinkConnector>>;
  readonly markCheckMs?: number;
  /** Hears what the delivery tells. */
  readonly onSinkEvent?: (event: SinkDeliveryEvent) => void;
}

export interface RunningSinks {
  produce(records: readonly InputRecord[]): Promise<void>;
  status(): readonly SinkStatus[];
  whenCaughtUp(): Promise<void>;
}
