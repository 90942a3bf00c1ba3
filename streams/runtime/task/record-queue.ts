import type { LogRecord } from '../../records/record.ts';
import type { SourceNode } from '../../graph/node.ts';

/** A record that has been read but not yet processed, with its event time. */
export interface QueuedRecord {
  readonly raw: LogRecord;
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
}

/** So many taken records are let go at the latest, also from a queue that never runs empty. */
const MAX_TAKEN = 4_096;

/** The records of one source partition that wait for their task, the oldest first. */
export class RecordQueue {
  readonly source: SourceNode;
  #records: QueuedRecord[] = [];
  #head = 0;

  constructor(source: SourceNode) {
    this.source = source;
  }

  get size(): number {
    return this.#records.length - this.#head;
  }

  push(record: QueuedRecord): void {
    this.#records.push(record);
  }

  peek(): QueuedRecord | undefined {
    return this.#records[this.#head];
  }

  take(): QueuedRecord | undefined {
    const record = this.#records[this.#head];
    if (record === undefined) return undefined;
    this.#head++;
    if (this.#head === this.#records.length || this.#head >= MAX_TAKEN) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return record;
  }
}
