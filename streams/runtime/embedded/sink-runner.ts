import type { SinkBinding } from '../../graph/topology.ts';
import type { SinkBatch, SinkConnector, SinkRecord } from '../../ports/sink-connector.ts';
import type { LogRecord } from '../../records/record.ts';
import { EmbeddedStoppedError } from './errors.ts';
import type { Progress, SinkProgress } from './progress.ts';
import { readSinkRecords } from './read-sink-records.ts';
import { Sleep } from './sleep.ts';
import type { TopicLog } from './topic-log.ts';
import type { TopicDescription } from './topic-registry.ts';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 10_000;

export interface SinkRunnerOptions {
  readonly binding: SinkBinding;
  readonly connector: SinkConnector<unknown, unknown>;
  readonly topic: TopicDescription;
  readonly log: TopicLog;
  readonly progress: Progress;
  readonly transaction: (work: () => void) => void;
}

export interface SinkStatus {
  readonly connector: string;
  readonly topic: string;
  /** Records that the outside system does not have yet, or has lost. */
  readonly lag: number;
  /** Why the last attempt failed; undefined while all is well. */
  readonly failure: string | undefined;
}

/**
 * Feeds one connector from its topic, partition after partition, in a pace of its own.
 *
 * 1. The range of a batch is stored before the connector gets it, and delivered again as it was until acknowledged.
 * 2. Where the connector's own mark lies behind what was acknowledged, the outside system has lost data: what is
 *    missing is delivered again as `restore`.
 * 3. A failure is retried for ever, with growing pauses; it is shown in the status.
 * 4. What is held in memory is one batch: the rest waits in the log.
 */
export class SinkRunner {
  readonly #options: SinkRunnerOptions;
  readonly #partitions: PartitionState[];
  readonly #sleep = new Sleep();
  #opened = false;
  #marksChecked = false;
  #stopping = false;
  #failure: string | undefined;
  #caughtUpWaiters: CaughtUpWaiter[] = [];
  #loop: Promise<void> | undefined;

  constructor(options: SinkRunnerOptions) {
    this.#options = options;
    this.#partitions = Array.from({ length: options.topic.partitions }, (_, partition) => {
      const { connector, topic } = options.binding;
      const stored = options.progress.ofSink({ connector, topic, partition });
      return { partition, progress: stored ?? { nextOffset: 0, pending: null }, restoreFrom: undefined };
    });
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** There is something new in the log. */
  wake(): void {
    this.#sleep.wake();
  }

  status(): SinkStatus {
    const { binding, topic } = this.#options;
    return { connector: binding.connector, topic: topic.name, lag: this.#lag(), failure: this.#failure };
  }

  /** Resolves when everything that is in the topic now has been acknowledged, and nothing is missing. */
  whenCaughtUp(): Promise<void> {
    const targets = this.#partitions.map((state) => this.#endOf(state));
    return new Promise((resolve, reject) => {
      this.#caughtUpWaiters.push({ targets, resolve, reject });
      this.#resolveWaiters();
    });
  }

  /** Ends after the write that is under way; the connector is closed even if it could not be opened. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#sleep.end();
    for (const { reject } of this.#caughtUpWaiters)
      reject(new EmbeddedStoppedError('the runtime was closed'));
    this.#caughtUpWaiters = [];
    await this.#loop;
    await this.#options.connector.close();
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#stopping) {
      try {
        if (!this.#opened) await this.#open();
        if (!this.#marksChecked) await this.#checkMarks();
        const delivered = await this.#deliverAll();
        this.#failure = undefined;
        retryMs = FIRST_RETRY_MS;
        this.#resolveWaiters();
        if (!delivered) await this.#sleep.untilWoken();
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#marksChecked = false;
        await this.#sleep.forMs(retryMs);
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
    }
  }

  async #open(): Promise<void> {
    const { connector, topic } = this.#options;
    await connector.open({ topic: topic.name, partitions: topic.partitions, topicEpoch: topic.createdAtMs });
    this.#opened = true;
  }

  /** After a failure too: what failed may have come back without its last writes. */
  async #checkMarks(): Promise<void> {
    for (const state of this.#partitions) {
      const mark = await this.#options.connector.appliedOffset(state.partition);
      state.restoreFrom = mark !== undefined && mark + 1 < state.progress.nextOffset ? mark + 1 : undefined;
    }
    this.#marksChecked = true;
  }

  /** One batch for each partition that has something; false if none had. */
  async #deliverAll(): Promise<boolean> {
    let delivered = false;
    for (const state of this.#partitions) {
      if (this.#stopping) return delivered;
      if (state.restoreFrom === undefined) delivered = (await this.#deliver(state)) || delivered;
      else {
        await this.#restore(state, state.restoreFrom);
        delivered = true;
      }
    }
    return delivered;
  }

  async #restore(state: PartitionState, from: number): Promise<void> {
    const { nextOffset } = state.progress;
    const records = this.#read(state, { from, to: nextOffset - 1 });
    const last = records.at(-1);
    if (last !== undefined) {
      const range = { firstOffset: from, lastOffset: last.offset };
      await this.#options.connector.write(this.#batchOf(state, records, range, 'restore'));
    }
    state.restoreFrom = last === undefined || last.offset + 1 >= nextOffset ? undefined : last.offset + 1;
  }

  async #deliver(state: PartitionState): Promise<boolean> {
    const { nextOffset, pending } = state.progress;
    const records =
      pending === null
        ? this.#read(state, { from: nextOffset, to: Infinity })
        : this.#read(state, { from: pending.firstOffset, to: pending.lastOffset, whole: true });
    const range = pending ?? rangeOf(records);
    if (range === undefined) return false;
    if (pending === null) this.#save(state, { nextOffset, pending: range });
    // A range that was begun may be empty by now: compaction has left what superseded it.
    if (records.length > 0) await this.#options.connector.write(this.#batchOf(state, records, range, 'live'));
    this.#save(state, { nextOffset: range.lastOffset + 1, pending: null });
    return true;
  }

  #read(
    state: PartitionState,
    range: { readonly from: number; readonly to: number; readonly whole?: boolean },
  ): LogRecord[] {
    const { log, topic } = this.#options;
    return readSinkRecords(log, { topic: topic.name, partition: state.partition }, range);
  }

  #batchOf(
    { partition }: PartitionState,
    records: readonly LogRecord[],
    range: OffsetRange,
    mode: SinkBatch<unknown, unknown>['mode'],
  ): SinkBatch<unknown, unknown> {
    const { firstOffset, lastOffset } = range;
    const topic = this.#options.topic.name;
    const decoded = records.map((record) => this.#decode(record));
    return { topic, partition, firstOffset, lastOffset, records: decoded, mode };
  }

  #decode(record: LogRecord): SinkRecord<unknown, unknown> {
    const { key, value } = this.#options.binding;
    return {
      offset: record.offset,
      timestamp: record.timestamp,
      key: record.key === null ? null : key.deserialize(record.key),
      value: record.value === null ? null : value.deserialize(record.value),
      headers: record.headers,
    };
  }

  #save(state: PartitionState, progress: SinkProgress): void {
    const { connector, topic } = this.#options.binding;
    const place = { connector, topic, partition: state.partition };
    this.#options.transaction(() => this.#options.progress.saveSink(place, progress));
    state.progress = progress;
  }

  #lag(): number {
    return this.#partitions.reduce(
      (lag, state) => lag + this.#endOf(state) - (state.restoreFrom ?? state.progress.nextOffset),
      0,
    );
  }

  #endOf(state: PartitionState): number {
    return this.#options.log.endOffset(this.#options.topic.name, state.partition);
  }

  #resolveWaiters(): void {
    const done = ({ targets }: CaughtUpWaiter): boolean => {
      return this.#partitions.every(
        (state, i) => state.restoreFrom === undefined && state.progress.nextOffset >= (targets[i] ?? 0),
      );
    };
    // Before the marks are known something may be missing that was acknowledged long ago.
    if (!this.#marksChecked) return;
    const resolved = this.#caughtUpWaiters.filter(done);
    this.#caughtUpWaiters = this.#caughtUpWaiters.filter((waiter) => !resolved.includes(waiter));
    for (const waiter of resolved) waiter.resolve();
  }
}

type OffsetRange = NonNullable<SinkProgress['pending']>;

interface PartitionState {
  readonly partition: number;
  progress: SinkProgress;
  /** The first offset that the outside system has lost, until it has it again. */
  restoreFrom: number | undefined;
}

interface CaughtUpWaiter {
  readonly targets: readonly number[];
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

function rangeOf(records: readonly LogRecord[]): OffsetRange | undefined {
  const [first] = records;
  const last = records.at(-1);
  return first === undefined || last === undefined
    ? undefined
    : { firstOffset: first.offset, lastOffset: last.offset };
}
