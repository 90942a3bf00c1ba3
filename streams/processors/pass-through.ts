import type { StreamRecord } from '../records/record.ts';
import type { Processor, ProcessorContext } from './processor.ts';

/** Passes every record on, after a look at it. Merged streams and peeks are this. */
export class PassThroughProcessor<K, V> implements Processor<K, V, K, V> {
  readonly #look: ((key: K, value: V) => void) | undefined;
  #context!: ProcessorContext<K, V>;

  constructor(look?: (key: K, value: V) => void) {
    this.#look = look;
  }

  init(context: ProcessorContext<K, V>): void {
    this.#context = context;
  }

  process(record: StreamRecord<K, V>): void {
    this.#look?.(record.key, record.value);
    this.#context.forward(record);
  }
}
