import type { DeadSinkRecord } from '../../ports/sink-connector.ts';
import type { LogRecord } from '../../records/record.ts';

/** What connectors are writing at the moment, as it came: of each partition one batch at most. */
export class BatchesUnderWay {
  readonly #records = new Map<number, readonly LogRecord[]>();

  async during(partition: number, records: readonly LogRecord[], write: () => Promise<void>): Promise<void> {
    this.#records.set(partition, records);
    try {
      await write();
    } finally {
      this.#records.delete(partition);
    }
  }

  find({ partition, offset }: DeadSinkRecord): LogRecord | undefined {
    return this.#records.get(partition)?.find((record) => record.offset === offset);
  }
}
