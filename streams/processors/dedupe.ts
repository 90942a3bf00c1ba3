import type { StreamRecord } from '../records/record.ts';
import type { DedupeStore } from '../state/dedupe-store.ts';
import type { StoreBuilder } from '../state/store.ts';
import type { Processor, ProcessorContext } from './processor.ts';

/** How many expired ids are removed for each record: twice what comes in, so that the store shrinks to its reach. */
const EXPIRED_PER_CALL = 200;
const RECORDS_PER_EXPIRY = 100;

/** Passes on the first sighting of each id; the others are counted as `duplicate`. */
export class DedupeProcessor<K, V> implements Processor<K, V, K, V> {
  readonly #builder: StoreBuilder<DedupeStore>;
  readonly #idOf: (key: K, value: V) => string;
  #context!: ProcessorContext<K, V>;
  #store!: DedupeStore;
  #sinceExpiry = 0;

  constructor(builder: StoreBuilder<DedupeStore>, idOf: (key: K, value: V) => string) {
    this.#builder = builder;
    this.#idOf = idOf;
  }

  init(context: ProcessorContext<K, V>): void {
    this.#context = context;
    this.#store = context.store(this.#builder);
  }

  process(record: StreamRecord<K, V>): void {
    if (++this.#sinceExpiry >= RECORDS_PER_EXPIRY) {
      this.#sinceExpiry = 0;
      this.#store.expire(this.#context.streamTimeMs(), EXPIRED_PER_CALL);
    }
    if (this.#store.add(this.#idOf(record.key, record.value), record.timestamp))
      this.#context.forward(record);
    else this.#context.count('duplicate');
  }
}
