import type { OutgoingRecord } from '../../records/record.ts';
import type { ByteStore } from '../../state/byte-store.ts';
import type { RebuildNote } from '../../state/store.ts';

/** What a task needs of the runtime that drives it. */
export interface TaskPorts {
  /** Takes a record that the topology wrote. It becomes visible with the task's commit, not before. */
  send(record: OutgoingRecord): void;
  /** Opens the bytes of one of the task's stores. What is written there becomes durable with the task's commit. */
  openStore(name: string): ByteStore;
}

/** How far a task has come. It is stored with each commit, and a task that is made again starts from it. */
export interface TaskProgress {
  /** For each source topic the offset of the next record to process. */
  readonly nextOffsets: Readonly<Record<string, number>>;
  /** The largest timestamp processed, -1 before the first record. */
  readonly streamTimeMs: number;
  /** What the processors have counted, since the task's first record. */
  readonly counters: Readonly<Record<string, number>>;
  /** By store, what those that are rebuilt from the input need for it. */
  readonly rebuildNotes?: Readonly<Record<string, RebuildNote>>;
}

export const NO_PROGRESS: TaskProgress = Object.freeze({ nextOffsets: {}, streamTimeMs: -1, counters: {} });

/** Counters that every task keeps, beside those of its processors. */
export const PROCESSED_COUNTER = 'processed';
export const DEAD_LETTER_COUNTER = 'dead-letter';
/** Of the dead letters, those that could not even be read. */
export const UNREADABLE_COUNTER = 'unreadable';
