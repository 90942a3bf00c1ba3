import type { LogRecord } from '../../records/record.ts';
import type { ReadRange, SinkRead, SinkSourceLog } from '../sinks/ports.ts';
import type { TopicLog } from './topic-log.ts';

/** A topic of this process, as a sink reads it. */
export class SinkLog implements SinkSourceLog {
  readonly #log: TopicLog;
  readonly #topic: string;

  constructor(log: TopicLog, topic: string) {
    this.#log = log;
    this.#topic = topic;
  }

  endOffset(partition: number): number {
    return this.#log.endOffset(this.#topic, partition);
  }

  /** Nothing is deleted here; what compaction removes follows from what it leaves. */
  startOffset(): number {
    return 0;
  }

  /** What a range does not hold is gone: compaction has left what superseded it. */
  read(partition: number, { from, to, limits }: ReadRange): SinkRead | undefined {
    const records: LogRecord[] = [];
    let bytes = 0;
    let offset = from;
    const isFull = (): boolean =>
      limits !== undefined && (records.length >= limits.maxRecords || bytes >= limits.maxBytes);
    while (offset <= to) {
      const batch = this.#log.read(this.#topic, partition, offset);
      if (batch === undefined) return to === Infinity ? readOf(records) : { records, nextOffset: to + 1 };
      for (const record of batch) {
        if (record.offset > to) return { records, nextOffset: to + 1 };
        if (isFull()) return { records, nextOffset: offset };
        records.push(record);
        bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
        offset = record.offset + 1;
      }
    }
    return { records, nextOffset: offset };
  }
}

function readOf(records: readonly LogRecord[]): SinkRead | undefined {
  const last = records.at(-1);
  return last === undefined ? undefined : { records, nextOffset: last.offset + 1 };
}
