import type { StreamRecord } from '../records/record.ts';
import type { Processor, ProcessorContext } from './processor.ts';

/** Turns each record into any number of others; timestamp and headers stay. */
export class FlatMapProcessor<K, V, KOut, VOut> implements Processor<K, V, KOut, VOut> {
  readonly #mapper: (key: K, value: V) => Iterable<readonly [KOut, VOut]>;
  #context!: ProcessorContext<KOut, VOut>;

  constructor(mapper: (key: K, value: V) => Iterable<readonly [KOut, VOut]>) {
    this.#mapper = mapper;
  }

  init(context: ProcessorContext<KOut, VOut>): void {
    this.#context = context;
  }

  process(record: StreamRecord<K, V>): void {
    const { timestamp, headers } = record;
    for (const [key, value] of this.#mapper(record.key, record.value)) {
      this.#context.forward({ key, value, timestamp, headers });
    }
  }
}

/** Turns each record into one other; timestamp and headers stay. */
export class MapProcessor<K, V, KOut, VOut> implements Processor<K, V, KOut, VOut> {
  readonly #mapper: (record: StreamRecord<K, V>) => StreamRecord<KOut, VOut>;
  #context!: ProcessorContext<KOut, VOut>;

  constructor(mapper: (record: StreamRecord<K, V>) => StreamRecord<KOut, VOut>) {
    this.#mapper = mapper;
  }

  init(context: ProcessorContext<KOut, VOut>): void {
    this.#context = context;
  }

  process(record: StreamRecord<K, V>): void {
    this.#context.forward(this.#mapper(record));
  }
}
