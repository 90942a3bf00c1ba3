import type { SinkConnector, SinkSource, SnapshotEntry } from '@incident-streams/streams';

/**
 * What the contract suite has to know of a sink. What a system cannot do is left out, and so are the tests of it:
 * they are not skipped, they do not apply.
 */
export interface SinkHarness<K, V> {
  /** The topic that the sink is made for; it has two partitions at least. */
  readonly topic: string;
  /** Key and value of the nth record of a partition. Effects of different records can be told apart. */
  record(n: number): { readonly key: K; readonly value: V };
  /** An empty system, or an empty corner of one. */
  start(): Promise<SinkSystem<K, V>>;
  /** Whether the connector keeps marks. */
  readonly marks: boolean;
  /** The system holds nothing that could be prepared or restored: it is told, and that is all. Default false. */
  readonly tellsOnly?: boolean;
  readonly can: {
    /** The sink tells others: it publishes, posts, sends. */
    readonly tell: boolean;
    readonly goAway: boolean;
    readonly crash: boolean;
    readonly lose: boolean;
  };
  /** For a sink that takes snapshots: the table after the first `count` records of a partition. */
  readonly snapshotAfter?: (count: number) => readonly SnapshotEntry<K, unknown>[];
}

export interface SinkSystem<K, V> extends AsyncDisposable {
  /**
   * A new connector, as a new process makes it. The suite closes it. An impatient one gives up soon: what it could not
   * do is tried again, so a slow machine does no harm.
   */
  connector(options: { readonly impatient: boolean }): SinkConnector<K, V>;
  /**
   * Whatever the sink has brought about for the topic of this epoch, read from the system itself, as data that can be
   * compared: it depends on the records alone, and neither on when nor in which batches they were written.
   */
  content(source: SinkSource): Promise<unknown>;
  /** The part of it that a snapshot restores. Default: all of it. */
  state?(source: SinkSource): Promise<unknown>;
  /** What was told to others so far. */
  told?(): Promise<readonly unknown[]>;
  /** Goes away, and takes nothing along: connections break, or nobody answers any more. */
  goAway?(how: AwayHow): Promise<void>;
  comeBack?(): Promise<void>;
  /** Dies without a warning and comes back with what was durable. */
  crash?(): Promise<void>;
  /** Goes on, and has forgotten everything. */
  lose?(): Promise<void>;
}

export type AwayHow = 'refuses' | 'hangs';
