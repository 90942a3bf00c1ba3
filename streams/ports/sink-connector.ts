import type { Headers } from '../records/record.ts';

/**
 * The contract between a runtime and an outside system that a topology writes to.
 *
 * 1. A runtime delivers each partition in offset order, one batch at a time.
 * 2. Before it calls `write` it has stored the batch's range of offsets durably. If it dies before the batch is
 *    acknowledged it delivers the *same range, with the same records* again: never another split of it.
 *    (Of a compacted topic, those of the records that are left.)
 * 3. So a connector's effect is exactly once if writing the same batch twice has the effect of writing it once.
 * 4. A connector that keeps a mark of what it has applied is asked for it at the start, after every failure, and
 *    every few seconds while there is nothing to write: a system that lost its data gets them back also then.
 */
export interface SinkConnector<K, V, S = unknown> {
  /** Prepares the outside system (tables, scripts). Called once, before anything is written. */
  open(source: SinkSource): Promise<void>;
  /**
   * The last offset of the partition whose effect the outside system holds, where it keeps such a mark; undefined
   * where it keeps none, -1 where it keeps marks and has none for this partition. A mark behind the runtime's
   * committed offset means that the system lost data: the runtime delivers what is missing as `restore` batches.
   */
  appliedOffset(partition: number): Promise<number | undefined>;
  /**
   * For a sink that was declared with a snapshot topic: a compacted table that follows from the sink's topic, key by key
   * and partition by partition. Called before a restore whose beginning is no longer in the sink's topic, or
   * where the mark is -1. Makes the outside system hold `entries` and nothing else of the partition, and tells nobody;
   * until it resolves, what was there before may still be seen. The mark stays where it is: what is left of the
   * sink's topic up to `upToOffset` comes next as `restore` batches, for what a table does not hold, such as
   * counters and logs; those no longer change what came from the snapshot. A sink that was away for longer than its topic
   * keeps records gets a snapshot too, with nothing to restore.
   */
  writeSnapshot?(snapshot: SinkSnapshot<K, S>): Promise<void>;
  /** Resolves when the effect is durable in the outside system; a rejection makes the runtime try again later. */
  write(batch: SinkBatch<K, V>): Promise<void>;
  /** How many records a batch may have, at most; the runtime limits its bytes. Default 5,000. */
  readonly maxBatchRecords?: number;
  /** Releases what the connector holds. Called once at the end, also where `open` has failed or was never called. */
  close(): Promise<void>;
}

/** The topic that a sink is fed from. */
export interface SinkSource {
  readonly topic: string;
  readonly partitions: number;
  /**
   * Milliseconds since the epoch at which the topic was created, or first seen where that is not known. It tells a topic
   * from its namesake made later, which has a larger one.
   */
  readonly topicEpoch: number;
  /**
   * Puts a record that the outside system will never take into the topology's dead-letter topic, with the reason and its
   * place in the headers (names as in KIP-1034). It is durable when this resolves. After a crash the same record may
   * be put there again. Rejects where the topology declares no such topic.
   */
  deadLetter(record: DeadSinkRecord, error: Error): Promise<void>;
}

/** A record of a batch that is given up. */
export interface DeadSinkRecord {
  readonly partition: number;
  readonly offset: number;
}

/** The latest value of each key of one partition of a snapshot topic; deleted keys are not in it. */
export interface SinkSnapshot<K, S> {
  /** The sink's own topic, not the snapshot's. */
  readonly topic: string;
  readonly partition: number;
  /** Of the sink's own topic: the effects of all records up to this one are in the entries. */
  readonly upToOffset: number;
  readonly entries: readonly SnapshotEntry<K, S>[];
}

export interface SnapshotEntry<K, S> {
  readonly key: K;
  readonly value: S;
}

/** Consecutive records of one partition. Offsets may have gaps, as in a compacted topic. */
export interface SinkBatch<K, V> {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly records: readonly SinkRecord<K, V>[];
  /**
   * `restore`: these effects happened before and were lost. Bring the state back, tell nobody. The last such batch ends
   * where the mark has to be; it comes without records where none is left.
   */
  readonly mode: 'live' | 'restore';
}

export interface SinkRecord<K, V> {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: K;
  readonly value: V | null;
  readonly headers: Headers;
}
