import type { Processor, ProcessorContext, StreamRecord } from '@incident-streams/streams';
import { EventRejectedError } from '../errors.ts';
import { LEDGER } from '../ledger.ts';

/** Why a record without a value is of no use. */
export const NO_VALUE = 'the record has no value: events happen, they are not deleted';

/** Lets records pass that have a value; the others, tombstones elsewhere, are rejected. */
export class RequireValueProcessor<K, V> implements Processor<K, V | null, K, V> {
  #context!: ProcessorContext<K, V>;

  init(context: ProcessorContext<K, V>): void {
    this.#context = context;
  }

  process(record: StreamRecord<K, V | null>): void {
    const { value } = record;
    if (value !== null) return this.#context.forward({ ...record, value });
    this.#context.count(LEDGER.received);
    this.#context.count(LEDGER.rejected);
    this.#context.deadLetter(new EventRejectedError(NO_VALUE));
  }
}
