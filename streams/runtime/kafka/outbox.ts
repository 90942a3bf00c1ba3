import { partitionForKey } from '../../records/partitioner.ts';
import type { OutgoingRecord } from '../../records/record.ts';
import type { PlacedRecord } from './ports.ts';
import type { TopicNames } from './topic-names.ts';

export interface OutboxOptions {
  readonly names: TopicNames;
  readonly partitionsOf: (topic: string) => number;
  readonly isUrgent: ((record: OutgoingRecord) => boolean) | undefined;
}

/** What a task has written and not sent yet, with its place on the cluster. */
export class Outbox {
  readonly #options: OutboxOptions;
  #records: PlacedRecord[] = [];
  #urgent = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#records.length;
  }

  /** Is something in it that must not wait? */
  get urgent(): boolean {
    return this.#urgent;
  }

  add(record: OutgoingRecord): void {
    const { names, isUrgent } = this.#options;
    const { topic, key, value, timestamp, headers } = record;
    // Without a key: the first partition, so that what is done again goes where it went.
    const partition =
      record.partition ?? (key === null ? 0 : partitionForKey(key, this.#options.partitionsOf(topic)));
    if (isUrgent?.(record) === true) this.#urgent = true;
    this.#records.push({ topic: names.onCluster(topic), partition, key, value, timestamp, headers });
  }

  drain(): readonly PlacedRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#urgent = false;
    return records;
  }
}
