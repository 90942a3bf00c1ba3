import { setImmediate } from 'node:timers/promises';
import type { LogRecord } from '../../records/record.ts';
import type { SinkSnapshotLog } from '../sinks/ports.ts';
import type { TopicLog } from './topic-log.ts';

/** A table of this process, as a sink is restored from it. */
export class SnapshotLog implements SinkSnapshotLog {
  readonly #log: TopicLog;
  readonly #topic: string;

  constructor(log: TopicLog, topic: string) {
    this.#log = log;
    this.#topic = topic;
  }

  async *read(partition: number, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const end = this.#log.endOffset(this.#topic, partition);
    for (let offset = 0; offset < end && !signal.aborted;) {
      const records = [...(this.#log.read(this.#topic, partition, offset) ?? [])];
      const last = records.at(-1);
      if (last === undefined) return;
      yield records.filter((record) => record.offset < end);
      offset = last.offset + 1;
      // The tasks go on between two parts.
      await setImmediate();
    }
  }
}
