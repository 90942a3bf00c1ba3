import type { StreamRecord } from '../records/record.ts';
import type { Processor, ProcessorContext } from './processor.ts';

export interface BranchCase<K, V> {
  /** The child that gets the records this case accepts. */
  readonly child: string;
  readonly accepts: (key: K, value: V) => boolean;
}

/** Hands each record to the first case that accepts it; what no case accepts is counted as `branch-unmatched`. */
export class BranchProcessor<K, V> implements Processor<K, V, K, V> {
  readonly #cases: readonly BranchCase<K, V>[];
  #context!: ProcessorContext<K, V>;

  constructor(cases: readonly BranchCase<K, V>[]) {
    this.#cases = cases;
  }

  init(context: ProcessorContext<K, V>): void {
    this.#context = context;
  }

  process(record: StreamRecord<K, V>): void {
    for (const { child, accepts } of this.#cases) {
      if (accepts(record.key, record.value)) return this.#context.forward(record, child);
    }
    this.#context.count('branch-unmatched');
  }
}
