import type { Headers } from '../records/record.ts';

/**
 * The contract between a runtime and an outside system that a topology writes to.
 *
 * 1. A runtime delivers each partition in offset order, one batch at a time.
 * 2. Before it calls `write` it has stored the batch's range of offsets durably. If it dies before the batch is
 *    acknowledged it delivers the *same range, with the same records* again: never another split of it.
 *    (Of a compacted topic, those of the records that are left.)
 * 3. So a connector's effect is exactly once if writing the same batch twice has the effect of writing it once.
 */
export interface SinkConnector<K, V> {
  /** Prepares the outside system (tables, scripts). Called once, before anything is written. */
  open(source: SinkSource): Promise<void>;
  /**
   * The last offset of the partition whose effect the outside system holds, where it keeps such a mark; undefined
   * where it keeps none, -1 where it keeps marks and has none for this partition. A mark behind the runtime's
   * committed offset means that the system lost data: the runtime delivers what is missing as `restore` batches.
   */
  appliedOffset(partition: number): Promise<number | undefined>;
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
}

/** Consecutive records of one partition. Offsets may have gaps, as in a compacted topic. */
export interface SinkBatch<K, V> {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly records: readonly SinkRecord<K, V>[];
  /** `restore`: these effects happened before and were lost. Bring the state back, tell nobody. */
  readonly mode: 'live' | 'restore';
}

export interface SinkRecord<K, V> {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: K;
  readonly value: V | null;
  readonly headers: Headers;
}
