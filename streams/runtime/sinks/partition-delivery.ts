import type { SinkBinding } from '../../graph/topology.ts';
import type { SinkBatch, SinkConnector } from '../../ports/sink-connector.ts';
import type { LogRecord } from '../../records/record.ts';
import type { BatchesUnderWay } from './batches-under-way.ts';
import { decodeRecord } from './decode-record.ts';
import type { BatchLimits, SinkProgressStore, SinkSourceLog } from './ports.ts';
import { Retry } from './retry.ts';
import type { OffsetRange, SinkProgress } from './sink-progress.ts';
import { Sleep } from './sleep.ts';
import type { Slots } from './slots.ts';

/** What the partitions of a sink have in common. */
export interface DeliveryContext {
  readonly binding: SinkBinding;
  readonly connector: SinkConnector<unknown, unknown>;
  readonly log: SinkSourceLog;
  readonly store: SinkProgressStore;
  readonly limits: BatchLimits;
  readonly slots: Slots;
  readonly batches: BatchesUnderWay;
  /** Fetches what decoding needs; undefined where there is nothing to wait for. */
  readonly beforeDecode: ((records: readonly LogRecord[]) => Promise<void> | undefined) | undefined;
  /** A partition has come further. */
  readonly onProgress: () => void;
  readonly onFailure: (failed: PartitionDelivery, reason: string) => void;
}

export interface PartitionStart {
  readonly partition: number;
  readonly progress: SinkProgress;
  /** A write of the same partition that has to end first. */
  readonly after: Promise<void> | undefined;
}

/**
 * Feeds a connector from one partition, until it is ended.
 *
 * 1. The range of a batch is stored before the connector gets it, and delivered again as it was until acknowledged.
 * 2. Where the connector's own mark lies behind what was acknowledged, the outside system has lost data: what is
 *    missing is delivered again as `restore`.
 * 3. A failure is retried for ever, with growing pauses.
 */
export class PartitionDelivery {
  readonly partition: number;
  readonly #context: DeliveryContext;
  readonly #sleep = new Sleep();
  readonly #retry = new Retry();
  readonly #after: Promise<void> | undefined;
  #progress: SinkProgress;
  /** The first offset that the outside system has lost, until it has it again. */
  #restoreFrom: number | undefined;
  #markChecked = false;
  #markDoubted = false;
  #failure: string | undefined;
  #ending = false;
  #abandoned = false;
  #hasEnded = false;
  #loop: Promise<void> | undefined;

  constructor(context: DeliveryContext, { partition, progress, after }: PartitionStart) {
    this.#context = context;
    this.partition = partition;
    this.#progress = progress;
    this.#after = after;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  get lag(): number {
    const from = this.#restoreFrom ?? this.#progress.nextOffset;
    return Math.max(this.#context.log.endOffset(this.partition) - from, 0);
  }

  /** Whether everything below the offset is acknowledged and nothing is missing: before the mark is known something may be. */
  hasReached(offset: number): boolean {
    return this.#markChecked && this.#restoreFrom === undefined && this.#progress.nextOffset >= offset;
  }

  start(): void {
    if (!this.#ending) this.#loop ??= this.#run();
  }

  /** There may be something new in the log. */
  wake(): void {
    this.#sleep.wake();
  }

  /** The outside system may have come back without its last writes: it is asked before anything else. */
  recheckMark(): void {
    this.#markChecked = false;
    this.#markDoubted = true;
    this.wake();
  }

  /** Resolves when the write that is under way has been acknowledged, or has failed. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#sleep.end();
    await this.#loop;
    this.#hasEnded = true;
  }

  /** Whatever is still under way, its end is not stored any more: the partition may be somebody else's by now. */
  abandon(): void {
    this.#abandoned = true;
  }

  async #run(): Promise<void> {
    const { slots, onProgress, onFailure } = this.#context;
    await this.#after;
    while (!this.#ending) {
      try {
        const delivered = await slots.use(() => this.#step());
        this.#failure = undefined;
        this.#retry.reset();
        onProgress();
        if (!delivered) await this.#sleep.untilWoken();
      } catch (error) {
        if (this.#abandoned) return;
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#markChecked = false;
        onFailure(this, this.#failure);
        await this.#sleep.forMs(this.#retry.nextPauseMs());
      }
    }
  }

  /** One batch; false if there was none. */
  async #step(): Promise<boolean> {
    if (this.#ending) return false;
    if (!this.#markChecked) await this.#checkMark();
    return this.#restoreFrom === undefined ? this.#deliver() : this.#restore(this.#restoreFrom);
  }

  async #checkMark(): Promise<void> {
    this.#markDoubted = false;
    const mark = await this.#context.connector.appliedOffset(this.partition);
    const { nextOffset } = this.#progress;
    this.#restoreFrom = mark !== undefined && mark + 1 < nextOffset ? mark + 1 : undefined;
    this.#markChecked = !this.#markDoubted;
  }

  async #restore(from: number): Promise<boolean> {
    const { log, limits } = this.#context;
    const { nextOffset } = this.#progress;
    const read = log.read(this.partition, { from, to: nextOffset - 1, limits });
    if (read === undefined) return false;
    const last = read.records.at(-1);
    if (last !== undefined)
      await this.#write(read.records, { firstOffset: from, lastOffset: last.offset }, 'restore');
    this.#restoreFrom = read.nextOffset >= nextOffset ? undefined : read.nextOffset;
    return true;
  }

  async #deliver(): Promise<boolean> {
    const { log, limits } = this.#context;
    const { nextOffset, pending } = this.#progress;
    const read =
      pending === null
        ? log.read(this.partition, { from: nextOffset, to: Infinity, limits })
        : log.read(this.partition, { from: pending.firstOffset, to: pending.lastOffset, limits: undefined });
    if (read === undefined) return false;
    const range = pending ?? rangeOf(read.records);
    if (pending === null && range !== undefined && !(await this.#save({ nextOffset, pending: range })))
      return false;
    // A range that was begun may be empty by now: compaction has left what superseded it.
    if (range !== undefined && read.records.length > 0) await this.#write(read.records, range, 'live');
    return this.#save({ nextOffset: read.nextOffset, pending: null });
  }

  async #write(
    records: readonly LogRecord[],
    range: OffsetRange,
    mode: SinkBatch<unknown, unknown>['mode'],
  ): Promise<void> {
    const { binding, connector, batches, beforeDecode } = this.#context;
    await beforeDecode?.(records);
    const decoded = records.map((record) => decodeRecord(record, binding));
    const batch = { topic: binding.topic, partition: this.partition, ...range, records: decoded, mode };
    await batches.during(this.partition, records, () => connector.write(batch));
  }

  /** False where the partition has been abandoned: nothing was stored, so nothing may be written. */
  async #save(progress: SinkProgress): Promise<boolean> {
    if (this.#abandoned) return false;
    await this.#context.store.save(this.partition, progress);
    this.#progress = progress;
    return true;
  }
}

function rangeOf(records: readonly LogRecord[]): OffsetRange | undefined {
  const [first] = records;
  const last = records.at(-1);
  return first === undefined || last === undefined
    ? undefined
    : { firstOffset: first.offset, lastOffset: last.offset };
}
