import type { PlacedRecord, TopicPartition, WrittenRange } from '@incident-streams/streams/kafka';
import type { RecordBatch } from './record-batch-encoder.ts';

/** What is still to be written to one partition: batches, one after the other. */
export class PartitionBacklog implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly #batches: readonly RecordBatch[];
  #written = 0;
  #endOffset = -1;

  constructor({ topic, partition }: TopicPartition, batches: readonly RecordBatch[]) {
    this.topic = topic;
    this.partition = partition;
    this.#batches = batches;
  }

  /** The batch that is next, undefined when all are written. */
  next(): Buffer | undefined {
    return this.#batches[this.#written]?.bytes;
  }

  /** The leader has the batch that was next, and has put its first record at this offset. */
  acknowledge(baseOffset: number): void {
    this.#endOffset = baseOffset + this.#batches[this.#written]!.recordCount;
    this.#written += 1;
  }

  range(): WrittenRange {
    return { topic: this.topic, partition: this.partition, endOffset: this.#endOffset };
  }
}

/** The records of each partition, in the order in which they came. */
export function groupByPartition(records: readonly PlacedRecord[]): readonly (readonly PlacedRecord[])[] {
  const topics = new Map<string, Map<number, PlacedRecord[]>>();
  const groups: PlacedRecord[][] = [];
  for (const record of records) {
    let partitions = topics.get(record.topic);
    if (partitions === undefined) topics.set(record.topic, (partitions = new Map<number, PlacedRecord[]>()));
    let group = partitions.get(record.partition);
    if (group === undefined) {
      partitions.set(record.partition, (group = []));
      groups.push(group);
    }
    group.push(record);
  }
  return groups;
}
