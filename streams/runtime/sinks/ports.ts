import type { LogRecord } from '../../records/record.ts';
import type { SinkProgress } from './sink-progress.ts';

/** The topic that a sink is fed from, as its runtime keeps it. */
export interface SinkSourceLog {
  /** What can be read now; undefined when there is nothing (yet): the delivery is woken when there may be more. */
  read(partition: number, range: ReadRange): SinkRead | undefined;
  /** The offset after the last record, as far as it is known. */
  endOffset(partition: number): number;
  /** The first offset that is still there. */
  startOffset(partition: number): number | Promise<number>;
}

/** The table that a sink's outside system is restored from, as its runtime keeps it. */
export interface SinkSnapshotLog {
  /** All records of the partition up to its end as of now, part by part; fewer once the signal is given. */
  read(partition: number, signal: AbortSignal): AsyncIterable<readonly LogRecord[]>;
}

export interface ReadRange {
  readonly from: number;
  /** The last offset that is wanted; infinite where as much is wanted as there is. */
  readonly to: number;
  /** As much as makes a batch; undefined: the whole range at once, for a batch that was begun before. */
  readonly limits: BatchLimits | undefined;
}

export interface BatchLimits {
  readonly maxRecords: number;
  /** Of keys and values; a batch goes over it by one record at most. */
  readonly maxBytes: number;
}

export interface SinkRead {
  readonly records: readonly LogRecord[];
  /** Where to read on: behind the records, and behind what lies there and is no record. */
  readonly nextOffset: number;
}

/** Where a sink's progress is kept. It is durable when `save` has returned or resolved. */
export interface SinkProgressStore {
  save(partition: number, progress: SinkProgress): void | Promise<void>;
}
