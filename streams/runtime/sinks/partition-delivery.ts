import type { SinkBinding } from '../../graph/topology.ts';
import type { SinkBatch, SinkConnector } from '../../ports/sink-connector.ts';
import type { LogRecord } from '../../records/record.ts';
import type { BatchesUnderWay } from './batches-under-way.ts';
import { decodeRecord } from './decode-record.ts';
import { failureOf } from './failure.ts';
import type { Failure } from './failure.ts';
import type { BatchLimits, SinkProgressStore, SinkRead, SinkSourceLog } from './ports.ts';
import { MarkWatch } from './mark-watch.ts';
import { Retry } from './retry.ts';
import type { SinkDeliveryEvent } from './sink-delivery-event.ts';
import { progressFrom } from './sink-progress.ts';
import type { OffsetRange, SinkProgress } from './sink-progress.ts';
import { Sleep } from './sleep.ts';
import type { Slots } from './slots.ts';
import type { Snapshots } from './snapshots.ts';

/** What the partitions of a sink have in common. */
export interface DeliveryContext {
  readonly binding: SinkBinding;
  readonly connector: SinkConnector<unknown, unknown>;
  readonly log: SinkSourceLog;
  readonly store: SinkProgressStore;
  readonly limits: BatchLimits;
  readonly slots: Slots;
  readonly batches: BatchesUnderWay;
  readonly markCheckMs: number;
  readonly snapshots: Snapshots | undefined;
  /** Fetches what decoding needs; undefined where there is nothing to wait for. */
  readonly beforeDecode: ((records: readonly LogRecord[]) => Promise<void> | undefined) | undefined;
  /** A partition has come further. */
  readonly onProgress: () => void;
  readonly onFailure: (failed: PartitionDelivery, failure: Failure) => void;
  readonly onEvent: (event: SinkDeliveryEvent) => void;
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
 *    missing is delivered again as `restore`. The last such batch ends where the mark has to be, even if there is no
 *    record any more.
 * 3. Where the beginning of that is not in the topic any more, or all is missing, the snapshot comes first, if there is one.
 * 4. A failure is retried for ever, with growing pauses.
 */
export class PartitionDelivery {
  readonly partition: number;
  readonly #context: DeliveryContext;
  readonly #sleep = new Sleep();
  readonly #retry = new Retry();
  readonly #watch: MarkWatch;
  readonly #end = new AbortController();
  readonly #after: Promise<void> | undefined;
  #progress: SinkProgress;
  /** The first offset that the outside system has lost, until it has it again. */
  #restoreFrom: number | undefined;
  /** What it has lost has been told, and not yet that it has it again. */
  #toldOfRestore = false;
  #failure: Failure | undefined;
  #works = false;
  #ending = false;
  #abandoned = false;
  #hasEnded = false;
  #loop: Promise<void> | undefined;

  constructor(context: DeliveryContext, { partition, progress, after }: PartitionStart) {
    this.#context = context;
    this.partition = partition;
    this.#progress = progress;
    this.#after = after;
    this.#watch = new MarkWatch(() => context.connector.appliedOffset(partition), context.markCheckMs);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Whether the last attempt succeeded; before the first, and while a batch waits for its records, nobody knows. */
  get works(): boolean {
    return this.#works;
  }

  /** Whether it is getting back what it has lost. */
  get isRestoring(): boolean {
    return this.#restoreFrom !== undefined;
  }

  get lag(): number {
    const from = this.#restoreFrom ?? this.#progress.nextOffset;
    return Math.max(this.#context.log.endOffset(this.partition) - from, 0);
  }

  /** Whether everything below the offset is acknowledged and nothing is missing: before the mark is known something may be. */
  hasReached(offset: number): boolean {
    return this.#watch.isSure && this.#restoreFrom === undefined && this.#progress.nextOffset >= offset;
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
    this.#watch.doubt();
    this.wake();
  }

  /** Resolves when the write that is under way has been acknowledged, or has failed. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#sleep.end();
    this.#end.abort();
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
        this.#succeeded(delivered);
        onProgress();
        if (!delivered) await this.#sleep.untilWoken(this.isRestoring ? Infinity : this.#watch.dueInMs);
      } catch (error) {
        if (this.#abandoned || (this.#ending && error === this.#end.signal.reason)) return;
        this.#failure = failureOf(error);
        this.#works = false;
        this.#watch.doubt();
        onFailure(this, this.#failure);
        await this.#sleep.forMs(this.#retry.nextPauseMs());
      }
    }
  }

  #succeeded(delivered: boolean): void {
    this.#failure = undefined;
    this.#works ||= delivered || (this.#progress.pending === null && !this.isRestoring);
    this.#retry.reset();
    if (this.#toldOfRestore && !this.isRestoring) {
      this.#toldOfRestore = false;
      this.#context.onEvent({
        type: 'sink-restored',
        connector: this.#context.binding.connector,
        partition: this.partition,
      });
    }
  }

  /** One batch; false if there was none. */
  async #step(): Promise<boolean> {
    if (this.#ending) return false;
    if (!this.#watch.isSure || (!this.isRestoring && this.#watch.dueInMs === 0))
      await this.#watch.ask((mark) => this.#compare(mark));
    return this.#restoreFrom === undefined ? this.#deliver() : this.#restore(this.#restoreFrom);
  }

  async #compare(mark: number): Promise<void> {
    const isBehind = mark < this.#progress.lastOffset;
    this.#restoreFrom = isBehind ? mark + 1 : undefined;
    if (isBehind || !this.#watch.isSure) await this.#perhapsWriteSnapshot(mark);
    this.#tellOfRestore(mark + 1, { snapshot: false });
  }

  /** Once, however often it has to begin again. */
  #tellOfRestore(fromOffset: number, { snapshot }: { readonly snapshot: boolean }): void {
    if (!this.isRestoring || this.#toldOfRestore) return;
    this.#toldOfRestore = true;
    const { connector } = this.#context.binding;
    const toOffset = this.#progress.lastOffset + 1;
    const { partition } = this;
    this.#context.onEvent({ type: 'sink-restoring', connector, partition, fromOffset, toOffset, snapshot });
  }

  /** The table, where what is needed of the topic is not there any more, or where nothing is left of the state. */
  async #perhapsWriteSnapshot(mark: number): Promise<void> {
    const { snapshots, log } = this.#context;
    if (snapshots === undefined) return;
    const startOffset = await log.startOffset(this.partition);
    if (mark === -1 && this.#progress.lastOffset === -1 && startOffset > 0) {
      const skipped = await this.#skipTo(startOffset);
      if (!skipped) return;
    }
    const { nextOffset, lastOffset } = this.#progress;
    const isBehind = mark < lastOffset;
    const needed = isBehind ? mark + 1 : nextOffset;
    if (startOffset <= needed && !(isBehind && mark === -1)) return;
    if (isBehind) this.#restoreFrom = needed;
    this.#tellOfRestore(needed, { snapshot: true });
    await snapshots.write(this.partition, lastOffset, this.#end.signal);
    if (isBehind) this.#restoreFrom = Math.max(needed, startOffset);
  }

  /** A sink that has never had anything goes without what was deleted before it came: the table makes up for that. */
  #skipTo(startOffset: number): Promise<boolean> {
    const { pending } = this.#progress;
    const isThere = pending !== null && pending.firstOffset >= startOffset;
    return this.#save({ ...progressFrom(startOffset), pending: isThere ? pending : null });
  }

  async #restore(from: number): Promise<boolean> {
    const { nextOffset, lastOffset } = this.#progress;
    const read = this.#readLost(from);
    if (read === undefined) return false;
    const isLast = read.nextOffset >= nextOffset;
    const upTo = isLast ? lastOffset : read.records.at(-1)?.offset;
    if (upTo !== undefined) {
      const range = { firstOffset: Math.min(from, upTo), lastOffset: upTo };
      await this.#write(read.records, range, 'restore');
    }
    this.#restoreFrom = isLast ? undefined : read.nextOffset;
    return true;
  }

  /** A batch of what was lost; undefined when it has not arrived yet. */
  #readLost(from: number): SinkRead | undefined {
    const { log, limits } = this.#context;
    const { nextOffset } = this.#progress;
    if (from >= nextOffset) return { records: [], nextOffset };
    return log.read(this.partition, { from, to: nextOffset - 1, limits });
  }

  async #deliver(): Promise<boolean> {
    const { log, limits } = this.#context;
    const { nextOffset, lastOffset, pending } = this.#progress;
    const read =
      pending === null
        ? log.read(this.partition, { from: nextOffset, to: Infinity, limits })
        : log.read(this.partition, { from: pending.firstOffset, to: pending.lastOffset, limits: undefined });
    if (read === undefined) return false;
    const range = pending ?? rangeOf(read.records);
    if (pending === null && range !== undefined && !(await this.#save({ ...this.#progress, pending: range })))
      return false;
    // A range that was begun may be empty by now: compaction has left what superseded it.
    if (range !== undefined && read.records.length > 0) await this.#write(read.records, range, 'live');
    const reached = range?.lastOffset ?? lastOffset;
    return this.#save({ nextOffset: read.nextOffset, lastOffset: reached, pending: null });
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
