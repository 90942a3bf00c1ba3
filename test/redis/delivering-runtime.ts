import type { OffsetRange } from '../../streams/runtime/sinks/sink-progress.ts';
import { createRedisTransitionsSink, RedisDataLostError } from '../../connectors/redis/index.ts';
import { snapshotAfter } from './state-snapshot.ts';
import { batchOf, SOURCE } from './transitions.ts';
import type { TransitionRecord } from './transitions.ts';

type Sink = ReturnType<typeof createRedisTransitionsSink>;

export interface Delivery {
  readonly length: number;
  /** What comes between the write and its acknowledgement being stored. */
  readonly fate: 'acknowledged' | 'forgotten';
}

/**
 * What a runtime does for one partition, rule by rule as the contract of sinks says, but told when: a batch whose
 * acknowledgement is forgotten comes again as it was, a mark behind the acknowledged offset is made up for.
 */
export class DeliveringRuntime {
  readonly #options: { readonly url: string; readonly prefix: string };
  readonly #records: readonly TransitionRecord[];
  #sink: Sink | undefined;
  /** How many of the records are acknowledged. */
  #acknowledged = 0;
  #pending: OffsetRange | undefined;
  /** Of the topic, what has been deleted. */
  #start = 0;

  constructor(
    records: readonly TransitionRecord[],
    options: { readonly url: string; readonly prefix: string },
  ) {
    this.#records = records;
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#acknowledged === this.#records.length;
  }

  /** Whether a batch was written whose acknowledgement was not stored. */
  get isInDoubt(): boolean {
    return this.#pending !== undefined;
  }

  /** A new process goes on with what is stored. */
  async restart(): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    await this.#sink?.close();
    this.#sink = undefined;
  }

  /** Retention deletes what has been acknowledged. */
  trim(): void {
    this.#start = Math.max(this.#start, this.#acknowledged - 1);
  }

  /** Up to where the topic was deleted. */
  get startOffset(): number {
    return this.#start;
  }

  async deliver({ length, fate }: Delivery): Promise<void> {
    const first = this.#acknowledged;
    const last = Math.min(first + length, this.#records.length) - 1;
    if (this.#pending === undefined && last < first) return;
    const range = (this.#pending ??= { firstOffset: first, lastOffset: last });
    for (;;) {
      const sink = (this.#sink ??= await this.#openAndRestore());
      try {
        await sink.write(batchOf(this.#records.slice(range.firstOffset, range.lastOffset + 1)));
        break;
      } catch (error) {
        if (!(error instanceof RedisDataLostError)) throw error;
        await this.#restore(sink);
      }
    }
    if (fate === 'forgotten') return this.restart();
    this.#acknowledged = range.lastOffset + 1;
    this.#pending = undefined;
  }

  /** Asks for the mark, as while nothing comes. */
  async idle(): Promise<void> {
    if (this.#sink === undefined) this.#sink = await this.#openAndRestore();
    else await this.#restore(this.#sink);
  }

  /** Begins a restore that ends somewhere. */
  async restoreInPart(batches: number): Promise<void> {
    const sink = (this.#sink ??= await this.#open());
    await this.#restore(sink, batches);
    await this.restart();
  }

  async #open(): Promise<Sink> {
    const sink = createRedisTransitionsSink({ ...this.#options, maxRecordsPerScript: 5 });
    await sink.open(SOURCE);
    return sink;
  }

  async #openAndRestore(): Promise<Sink> {
    const sink = await this.#open();
    await this.#restore(sink);
    return sink;
  }

  async #restore(sink: Sink, batches = Infinity): Promise<void> {
    const mark = (await sink.appliedOffset(0)) ?? -1;
    const last = this.#acknowledged - 1;
    if (mark >= last) return;
    if (mark === -1 || mark + 1 < this.#start) {
      // The table is read later than what is acknowledged: it may be ahead of that.
      const ahead = Math.min(this.#acknowledged + 4, this.#records.length);
      await sink.writeSnapshot?.(snapshotAfter(this.#records.slice(0, ahead), last));
    }
    let from = Math.max(mark + 1, this.#start);
    for (let batch = 0; batch < batches && from <= last; batch++, from += 3) {
      const records = this.#records.slice(from, Math.min(from + 3, last + 1));
      await sink.write(batchOf(records, { mode: 'restore' }));
    }
  }
}
