import type { SinkBinding } from '../../graph/topology.ts';
import type { SinkConnector, SinkSource } from '../../ports/sink-connector.ts';
import type { LogRecord } from '../../records/record.ts';
import { BatchesUnderWay } from './batches-under-way.ts';
import { deadLetterInto } from './dead-letters.ts';
import type { DeadLetterTopic } from './dead-letters.ts';
import { failureOf } from './failure.ts';
import type { Failure } from './failure.ts';
import { PartitionDelivery } from './partition-delivery.ts';
import type { DeliveryContext } from './partition-delivery.ts';
import type { SinkProgressStore, SinkSnapshotLog, SinkSourceLog } from './ports.ts';
import { Retry } from './retry.ts';
import type { SinkDeliveryEvent } from './sink-delivery-event.ts';
import { FROM_THE_BEGINNING } from './sink-progress.ts';
import type { SinkProgress } from './sink-progress.ts';
import type { SinkStatus } from './sink-status.ts';
import { Sleep } from './sleep.ts';
import { Slots } from './slots.ts';
import { Snapshots } from './snapshots.ts';
import { within } from './within.ts';

const DEFAULT_BATCH_RECORDS = 5_000;
const MAX_BATCH_BYTES = 8_000_000;
const DEFAULT_MARK_CHECK_MS = 5_000;

export interface SinkDeliveryOptions {
  readonly binding: SinkBinding;
  readonly connector: SinkConnector<unknown, unknown>;
  readonly source: Omit<SinkSource, 'deadLetter'>;
  /** Undefined where the topology declares no such topic. */
  readonly deadLetters: DeadLetterTopic | undefined;
  readonly log: SinkSourceLog;
  readonly store: SinkProgressStore;
  /** How many partitions may be written at the same time: so many batches are held in memory. */
  readonly concurrency: number;
  /** How often an outside system that keeps marks is asked what it still holds. Default 5,000. */
  readonly markCheckMs?: number | undefined;
  /** Where the sink is declared with a snapshot. */
  readonly snapshotLog?: SinkSnapshotLog | undefined;
  readonly beforeDecode?: ((records: readonly LogRecord[]) => Promise<void> | undefined) | undefined;
  readonly onEvent?: ((event: SinkDeliveryEvent) => void) | undefined;
}

/**
 * Feeds one connector from its topic, each partition in a pace of its own. Which partitions those are may change:
 * `assign` says which, `release` gives them all up. What is held in memory is `concurrency` batches: the rest waits in
 * the log.
 */
export class SinkDelivery {
  readonly #options: SinkDeliveryOptions;
  readonly #context: DeliveryContext;
  readonly #source: SinkSource;
  readonly #openingPause = new Sleep();
  #partitions: readonly PartitionDelivery[] = [];
  /** Writes that did not end in time when their partitions were given up. */
  readonly #unfinished = new Map<number, Promise<void>>();
  #opened = false;
  #openingFailure: Failure | undefined;
  /** A failure has been told, and not yet that all is well again. */
  #isRetrying = false;
  #stopping = false;
  #waiters: CaughtUpWaiter[] = [];
  #opening: Promise<void> | undefined;

  constructor(options: SinkDeliveryOptions) {
    const { binding, connector, log, store } = options;
    const batches = new BatchesUnderWay();
    const deadLetter = deadLetterInto(options.deadLetters, { binding, batches });
    this.#options = options;
    this.#source = { ...options.source, deadLetter };
    this.#context = {
      binding,
      connector,
      log,
      store,
      limits: { maxRecords: connector.maxBatchRecords ?? DEFAULT_BATCH_RECORDS, maxBytes: MAX_BATCH_BYTES },
      slots: new Slots(options.concurrency),
      batches,
      beforeDecode: options.beforeDecode,
      markCheckMs: options.markCheckMs ?? DEFAULT_MARK_CHECK_MS,
      snapshots: Snapshots.of({ ...options, log: options.snapshotLog, beforeDecode: options.beforeDecode }),
      onProgress: () => {
        this.#resolveWaiters();
        this.#perhapsRecovered();
      },
      onFailure: (failed, failure) => this.#onFailure(failed, failure),
      onEvent: (event) => options.onEvent?.(event),
    };
  }

  /** Whether the connector has been opened: nothing is delivered before. */
  get isOpen(): boolean {
    return this.#opened;
  }

  /** Whether something failed and has not succeeded since. */
  get isRetrying(): boolean {
    return this.#isRetrying;
  }

  /** Opens the connector, as often as it takes, and begins to deliver. */
  start(): void {
    this.#opening ??= this.#open();
  }

  /** There may be something new in the log. */
  wake(): void {
    for (const partition of this.#partitions) partition.wake();
  }

  /** Takes partitions over, each from where it stands. Before that all earlier ones have to be released. */
  assign(progress: ReadonlyMap<number, SinkProgress | undefined>): void {
    this.#partitions = [...progress].map(
      ([partition, stored]) =>
        new PartitionDelivery(this.#context, {
          partition,
          progress: stored ?? FROM_THE_BEGINNING,
          after: this.#unfinished.get(partition),
        }),
    );
    if (this.#opened) for (const partition of this.#partitions) partition.start();
    this.#resolveWaiters();
    this.#perhapsRecovered();
  }

  /**
   * Gives all partitions up: resolves when the writes under way have been acknowledged or have failed. After `withinMs`
   * it resolves with the partitions that are still being written: how that ends is stored nowhere any more.
   */
  async release(withinMs = Infinity): Promise<readonly number[]> {
    const released = this.#partitions;
    this.#partitions = [];
    await within(Promise.all(released.map((partition) => partition.end())), withinMs);
    const unfinished = released.filter(({ hasEnded }) => !hasEnded);
    for (const delivery of unfinished) this.#leaveToItself(delivery);
    return unfinished.map(({ partition }) => partition);
  }

  status(): SinkStatus {
    const { connector, topic } = this.#options.binding;
    const lag = this.#partitions.reduce((sum, partition) => sum + partition.lag, 0);
    const failed = this.#partitions.find(({ failure }) => failure !== undefined);
    const restoring = this.#partitions.some((partition) => partition.isRestoring);
    const { reason: failure } = this.#openingFailure ?? failed?.failure ?? { reason: undefined };
    return { connector, topic, lag, restoring, failure };
  }

  /** Resolves when the partitions that are assigned have reached these offsets, by partition, and nothing is missing. */
  whenReached(targets: readonly number[], isSettled = (): boolean => true): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ targets, isSettled, resolve, reject });
      this.#resolveWaiters();
    });
  }

  /** Ends after the writes that are under way. Who waits hears the reason. */
  async stop(reason: Error): Promise<void> {
    this.#stopping = true;
    this.#openingPause.end();
    for (const { reject } of this.#waiters) reject(reason);
    this.#waiters = [];
    await Promise.all([this.#opening, ...this.#partitions.map((partition) => partition.end())]);
  }

  async #open(): Promise<void> {
    const { connector } = this.#options;
    const retry = new Retry();
    while (!this.#opened && !this.#stopping) {
      try {
        await connector.open(this.#source);
        this.#opened = true;
        this.#openingFailure = undefined;
      } catch (error) {
        this.#openingFailure = failureOf(error);
        this.#tellOfFailure(this.#openingFailure, []);
        await this.#openingPause.forMs(retry.nextPauseMs());
      }
    }
    for (const partition of this.#partitions) partition.start();
    this.#perhapsRecovered();
  }

  #leaveToItself(delivery: PartitionDelivery): void {
    const { partition } = delivery;
    delivery.abandon();
    const ended = delivery.end().then(() => {
      if (this.#unfinished.get(partition) === ended) this.#unfinished.delete(partition);
    });
    this.#unfinished.set(partition, ended);
  }

  /** What failed may have come back without its last writes, those of other partitions too. */
  #onFailure(failed: PartitionDelivery, failure: Failure): void {
    for (const partition of this.#partitions) if (partition !== failed) partition.recheckMark();
    this.#tellOfFailure(failure, [failed.partition]);
  }

  #tellOfFailure(failure: Failure, partitions: readonly number[]): void {
    this.#isRetrying = true;
    const { connector } = this.#options.binding;
    this.#options.onEvent?.({ type: 'sink-retrying', connector, ...failure, partitions });
  }

  #perhapsRecovered(): void {
    const works = this.#opened && this.#partitions.every((partition) => partition.works);
    if (!this.#isRetrying || !works) return;
    this.#isRetrying = false;
    this.#options.onEvent?.({ type: 'sink-recovered', connector: this.#options.binding.connector });
  }

  #resolveWaiters(): void {
    const isDone = ({ targets, isSettled }: CaughtUpWaiter): boolean =>
      isSettled() &&
      this.#partitions.every((delivery) => delivery.hasReached(targets[delivery.partition] ?? 0));
    const done = this.#waiters.filter(isDone);
    if (done.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
  }
}

interface CaughtUpWaiter {
  readonly targets: readonly number[];
  /** Whether it is known which partitions are to be looked at. */
  readonly isSettled: () => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}
