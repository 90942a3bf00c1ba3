import type { StreamRecord } from '../records/record.ts';
import type { Processor, ProcessorContext } from './processor.ts';

/** Passes on the records that the predicate accepts. */
export class FilterProcessor<K, V> implements Processor<K, V, K, V> {
  readonly #accepts: (key: K, value: V) => boolean;
  #context!: ProcessorContext<K, V>;

  constructor(accepts: (key: K, value: V) => boolean) {
    this.#accepts = accepts;
  }

  init(context: ProcessorContext<K, V>): void {
    this.#context = context;
  }

  process(record: StreamRecord<K, V>): void {
    if (this.#accepts(record.key, record.value)) this.#context.forward(record);
  }
}
