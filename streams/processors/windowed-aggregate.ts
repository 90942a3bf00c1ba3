import { NO_HEADERS } from '../records/record.ts';
import type { StreamRecord } from '../records/record.ts';
import type { StoreBuilder } from '../state/store.ts';
import type { WindowStore } from '../state/window-store.ts';
import { fold } from './aggregate.ts';
import type { Aggregator, FirstAggregate } from './aggregate.ts';
import { PendingUpdates } from './pending-updates.ts';
import type { Update } from './pending-updates.ts';
import type { Processor, ProcessorContext } from './processor.ts';
import type { EmitStrategy, TumblingWindows, Windowed } from './windowed.ts';

export interface WindowedAggregateOptions<K, V, A> {
  readonly store: StoreBuilder<WindowStore<K, A>>;
  readonly windows: TumblingWindows;
  readonly emit: EmitStrategy;
  readonly first: FirstAggregate<K, V, A>;
  readonly aggregator: Aggregator<K, V, A>;
}

/**
 * One aggregate for each key and tumbling window.
 *
 * 1. A window closes when stream time reaches its end plus grace; a record that comes later is counted as
 *    `late-record` and not folded.
 * 2. Every window that closes is emitted, also one that opened and closed in the same step, by start and then by key.
 * 3. A final result's timestamp is the last millisecond of its window.
 * 4. A record without a key or without a value is counted as `null-key` or `null-value` and not folded.
 */
export class WindowedAggregateProcessor<K, V, A> implements Processor<K, V, Windowed<K>, A> {
  readonly #options: WindowedAggregateOptions<K, V, A>;
  #context!: ProcessorContext<Windowed<K>, A>;
  #store!: WindowStore<K, A>;
  readonly #pending = new PendingUpdates<K, A>();
  /** The stream time at which the oldest open window closes. */
  #nextCloseMs = Infinity;

  constructor(options: WindowedAggregateOptions<K, V, A>) {
    this.#options = options;
  }

  init(context: ProcessorContext<Windowed<K>, A>): void {
    this.#context = context;
    this.#store = context.store(this.#options.store);
    this.#nextCloseMs = this.#closeOf(this.#store.oldestStart() ?? Infinity);
    context.onCommit(() => this.#emitPending());
    context.onStreamTimeAdvance((streamTimeMs) => {
      if (streamTimeMs >= this.#nextCloseMs) this.#close(streamTimeMs);
    });
  }

  process(record: StreamRecord<K, V>): void {
    const { key, value, timestamp, headers } = record;
    if (key === null) return this.#context.count('null-key');
    if (value === null) return this.#context.count('null-value');
    const { sizeMs } = this.#options.windows;
    const startMs = Math.floor(timestamp / sizeMs) * sizeMs;
    const closeMs = this.#closeOf(startMs);
    if (closeMs <= this.#context.streamTimeMs()) return this.#context.count('late-record');
    const aggregate = fold(
      key,
      value,
      this.#store.get(key, startMs),
      this.#options.first,
      this.#options.aggregator,
    );
    this.#store.put(key, startMs, aggregate);
    if (closeMs < this.#nextCloseMs) this.#nextCloseMs = closeMs;
    const update = { value: aggregate, timestamp, headers };
    if (this.#options.emit === 'on-update') this.#emitUpdate(key, startMs, update);
    else if (this.#options.emit === 'on-commit') this.#pending.set(key, startMs, update);
  }

  #emitPending(): void {
    this.#pending.drain((key, startMs, update) => this.#emitUpdate(key, startMs, update));
  }

  #emitUpdate(key: K, startMs: number, update: Update<A>): void {
    const endMs = startMs + this.#options.windows.sizeMs;
    this.#context.forward({ key: { key, startMs, endMs }, ...update });
  }

  #close(streamTimeMs: number): void {
    const { sizeMs, graceMs } = this.#options.windows;
    const closed = [...this.#store.startedBefore(streamTimeMs - sizeMs - graceMs + 1)];
    for (const { key, windowStartMs } of closed) this.#store.delete(key, windowStartMs);
    this.#nextCloseMs = this.#closeOf(this.#store.oldestStart() ?? Infinity);
    if (this.#options.emit !== 'on-window-close') return;
    for (const { key, windowStartMs: startMs, value } of closed) {
      const endMs = startMs + sizeMs;
      this.#context.forward({
        key: { key, startMs, endMs },
        value,
        timestamp: endMs - 1,
        headers: NO_HEADERS,
      });
    }
  }

  #closeOf(startMs: number): number {
    return startMs + this.#options.windows.sizeMs + this.#options.windows.graceMs;
  }
}
