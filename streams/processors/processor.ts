import type { RecordPosition } from '../errors.ts';
import type { StreamRecord } from '../records/record.ts';
import type { StateStore, StoreBuilder } from '../state/store.ts';

/**
 * One step of a topology. A task makes an instance of its own from the supplier, calls `init` once, and then
 * `process` for each record, one at a time and never concurrently.
 */
export interface Processor<KIn, VIn, KOut, VOut> {
  init?(context: ProcessorContext<KOut, VOut>): void;
  process(record: StreamRecord<KIn, VIn>): void;
}

/** Makes a new processor for each task. */
export type ProcessorSupplier<KIn, VIn, KOut, VOut> = () => Processor<KIn, VIn, KOut, VOut>;

/** What a processor may do. There is no clock here: the same records in the same order give the same output. */
export interface ProcessorContext<KOut, VOut> {
  /** The partition that the task works on. */
  readonly partition: number;
  /** Hands a record to the children, in the order in which they were declared; or to the one child named. */
  forward(record: StreamRecord<KOut, VOut>, child?: string): void;
  /** The opened store. The processor must have declared it. */
  store<S extends StateStore>(builder: StoreBuilder<S>): S;
  /** The largest timestamp seen by the task, in milliseconds; -1 before the first record. */
  streamTimeMs(): number;
  /**
   * Calls back each time stream time has moved on, *before* the record that moved it is processed: what fell due
   * earlier takes effect earlier.
   */
  onStreamTimeAdvance(callback: (streamTimeMs: number) => void): void;
  /**
   * Calls back when time passes a multiple of `intervalMs`; intervals that were jumped over give one call. With
   * `stream-time` the call comes before the record that moved the time. `wall-clock-time` is driven by the runtime:
   * what such a callback does cannot be replayed, so use it to look, not to decide.
   */
  schedule(intervalMs: number, type: PunctuationType, callback: (timeMs: number) => void): void;
  /** Calls back before each commit, while records can still be forwarded. There is no record being worked on then. */
  onCommit(callback: () => void): void;
  /** The position of the record being worked on, or in a punctuation of the record that moved stream time on. */
  position(): RecordPosition | undefined;
  /** When the record being worked on was received: its timestamp in the log; undefined in a punctuation. */
  receivedAtMs(): number | undefined;
  /** Adds to one of the task's counters, which are part of its commit: each record is counted exactly once. */
  count(counter: string, by?: number): void;
  /** Sends the record that is being worked on to the dead-letter topic, as it came, with the reason. */
  deadLetter(reason: Error): void;
}

export type PunctuationType = 'stream-time' | 'wall-clock-time';
