import type { SinkBinding } from '../../graph/topology.ts';
import type { SinkBatch, SinkConnector, SinkRecord } from '../../ports/sink-connector.ts';
import type { LogRecord } from '../../records/record.ts';
import type { Progress, SinkProgress } from './progress.ts';
import type { TopicLog } from './topic-log.ts';
import type { TopicDescription } from './topic-registry.ts';

const MAX_BATCH_RECORDS = 5_000;
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
  /** Records that the outside system does not have yet. */
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
 */
export class SinkRunner {
  readonly #options: SinkRunnerOptions;
  readonly #partitions: PartitionState[];
  #opened = false;
  #marksChecked = false;
  #stopping = false;
  #failure: string | undefined;
  #wakeUp: (() => void) | undefined;
  #caughtUpWaiters: { targets: number[]; resolve: () => void }[] = [];
  #loop: Promise<void> | undefined;

  constructor(options: SinkRunnerOptions) {
    this.#options = options;
    this.#partitions = Array.from({ length: options.topic.partitions }, (_, partition) => {
      const stored = options.progress.ofSink(options.binding.connector, partition);
      return { partition, progress: stored ?? { nextOffset: 0, pending: null }, restoreFrom: undefined };
    });
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  wake(): void {
    this.#wakeUp?.();
  }

  status(): SinkStatus {
    const { binding, topic } = this.#options;
    return { connector: binding.connector, topic: topic.name, lag: this.#lag(), failure: this.#failure };
  }

  /** Resolves when everything that is in the topic now has been acknowledged. */
  whenCaughtUp(): Promise<void> {
    const targets = this.#partitions.map((state) => this.#endOf(state));
    return new Promise((resolve) => {
      this.#caughtUpWaiters.push({ targets, resolve });
      this.#resolveWaiters();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeUp?.();
    await this.#loop;
    if (this.#opened) await this.#options.connector.close();
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
        if (!delivered) await this.#pause(undefined);
      } catch (error) {
        this.#failure = (error as Error).message;
        this.#marksChecked = false;
        await this.#pause(retryMs);
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
    const records = this.#read(state.partition, from, state.progress.nextOffset - 1);
    const last = records.at(-1);
    if (last !== undefined)
      await this.#options.connector.write(this.#batchOf(state.partition, records, 'restore'));
    state.restoreFrom =
      last === undefined || last.offset + 1 >= state.progress.nextOffset ? undefined : last.offset + 1;
  }

  async #deliver(state: PartitionState): Promise<boolean> {
    const { nextOffset, pending } = state.progress;
    const records = this.#read(
      state.partition,
      pending?.firstOffset ?? nextOffset,
      pending?.lastOffset ?? Infinity,
    );
    const [first] = records;
    const last = records.at(-1);
    if (first === undefined || last === undefined) return false;
    if (pending === null)
      this.#save(state, { nextOffset, pending: { firstOffset: first.offset, lastOffset: last.offset } });
    await this.#options.connector.write(this.#batchOf(state.partition, records, 'live'));
    this.#save(state, { nextOffset: last.offset + 1, pending: null });
    return true;
  }

  #read(partition: number, from: number, to: number): LogRecord[] {
    const records: LogRecord[] = [];
    const limit = to === Infinity ? MAX_BATCH_RECORDS : Infinity;
    for (let offset = from; offset <= to && records.length < limit;) {
      const batch = this.#options.log.read(this.#options.topic.name, partition, offset);
      if (batch === undefined) break;
      for (const record of batch) {
        offset = record.offset + 1;
        if (record.offset > to || records.length >= limit) break;
        records.push(record);
      }
    }
    return records;
  }

  #batchOf(
    partition: number,
    records: readonly LogRecord[],
    mode: SinkBatch<unknown, unknown>['mode'],
  ): SinkBatch<unknown, unknown> {
    return {
      topic: this.#options.topic.name,
      partition,
      firstOffset: records[0]?.offset ?? 0,
      lastOffset: records.at(-1)?.offset ?? 0,
      records: records.map((record) => this.#decode(record)),
      mode,
    };
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
    const { binding } = this.#options;
    this.#options.transaction(() =>
      this.#options.progress.saveSink(binding.connector, state.partition, progress),
    );
    state.progress = progress;
  }

  #lag(): number {
    return this.#partitions.reduce((lag, state) => lag + this.#endOf(state) - state.progress.nextOffset, 0);
  }

  #endOf(state: PartitionState): number {
    return this.#options.log.endOffset(this.#options.topic.name, state.partition);
  }

  #resolveWaiters(): void {
    const done = ({ targets }: { targets: number[] }): boolean => {
      return this.#partitions.every(
        (state, i) => state.restoreFrom === undefined && state.progress.nextOffset >= (targets[i] ?? 0),
      );
    };
    const [resolved, waiting] = [
      this.#caughtUpWaiters.filter(done),
      this.#caughtUpWaiters.filter((waiter) => !done(waiter)),
    ];
    this.#caughtUpWaiters = waiting;
    for (const waiter of resolved) waiter.resolve();
  }

  /** Waits for news, or for the given time, or for the end. */
  #pause(timeoutMs: number | undefined): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
      this.#wakeUp = () => {
        if (timeoutMs !== undefined && !this.#stopping) return;
        clearTimeout(timer);
        resolve();
      };
      if (this.#stopping) this.#wakeUp();
    }).then(() => {
      this.#wakeUp = undefined;
    });
  }
}

interface PartitionState {
  readonly partition: number;
  progress: SinkProgress;
  /** The first offset that the outside system has lost, until it has it again. */
  restoreFrom: number | undefined;
}
