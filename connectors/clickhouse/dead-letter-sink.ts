import type { SinkBatch, SinkConnector, SinkSource } from '@incident-streams/streams';
import { DEAD_LETTER_TABLE, deadLetterOf } from './dead-letter-table.ts';
import type { DeadLetter } from './dead-letter-table.ts';
import { TableSink } from './table-sink.ts';
import type { ClickHouseSinkOptions } from './table-sink.ts';

/** Archives dead letters whole: key, value and headers. One without a value is a row as well. */
export class DeadLetterSink implements SinkConnector<Uint8Array | null, Uint8Array> {
  readonly maxBatchRecords: number;
  readonly #rows: TableSink<DeadLetter>;

  constructor(options: ClickHouseSinkOptions) {
    this.#rows = new TableSink(DEAD_LETTER_TABLE, options);
    this.maxBatchRecords = this.#rows.maxBatchRecords;
  }

  open(source: SinkSource): Promise<void> {
    return this.#rows.open(source);
  }

  appliedOffset(partition: number): Promise<undefined> {
    return this.#rows.appliedOffset(partition);
  }

  write(batch: SinkBatch<Uint8Array | null, Uint8Array>): Promise<void> {
    const records = batch.records.map((record) => ({ ...record, key: '', value: deadLetterOf(record) }));
    return this.#rows.write({ ...batch, records });
  }

  close(): Promise<void> {
    return this.#rows.close();
  }
}
