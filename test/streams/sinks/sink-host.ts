import type { SinkConnector } from '@incident-streams/streams';
import type { SinkStatus } from '@incident-streams/streams/embedded';
import type { InputRecord } from '../stream-case.ts';

/** A runtime that feeds the sink named `sink` from the topic `out`, as `copyingToSink` declares it. */
export interface SinkHost {
  readonly name: string;
  /** Makes a topic, and what is remembered of it from one run to the next. */
  place(partitions: number): Promise<SinkPlace>;
}

export interface SinkPlace extends AsyncDisposable {
  /** Writes to the topic `out`; the records say to which partition. */
  produce(records: readonly InputRecord[]): Promise<void>;
  /** Feeds the connector for the length of a callback. */
  run(connector: SinkConnector<string, string>, use: (sinks: RunningSinks) => Promise<void>): Promise<void>;
}

export interface RunningSinks {
  produce(records: readonly InputRecord[]): Promise<void>;
  status(): readonly SinkStatus[];
  whenCaughtUp(): Promise<void>;
}
