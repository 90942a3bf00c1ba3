import { partitionForKey } from '../../../records/partitioner.ts';
import type { OutgoingRecord } from '../../../records/record.ts';
import { within } from '../../sinks/within.ts';
import { KafkaTopicError } from '../errors.ts';
import type { KafkaCluster, PlainProducer } from '../ports.ts';

/** Writes what the sinks give up. Its producer is made when there is the first such record. */
export class KafkaDeadLetters {
  readonly #cluster: KafkaCluster;
  readonly #onCluster: (topic: string) => string;
  #producer: Promise<PlainProducer> | undefined;

  constructor(cluster: KafkaCluster, onCluster: (topic: string) => string) {
    this.#cluster = cluster;
    this.#onCluster = onCluster;
  }

  /**
   * Resolves when the brokers have the record. Its partition is that of its key; without a key, the first.
   * @throws {KafkaTopicError} when the topic does not exist
   */
  async send(record: OutgoingRecord): Promise<void> {
    const topic = this.#onCluster(record.topic);
    const facts = (await this.#cluster.admin.describeTopics([topic])).get(topic);
    if (facts === undefined) throw new KafkaTopicError(`the dead-letter topic "${topic}" does not exist`);
    const partition = record.key === null ? 0 : partitionForKey(record.key, facts.partitions);
    const producer = await this.#open();
    await producer.send([{ ...record, topic, partition }]);
  }

  /** What is still being written has so much time. */
  async close(withinMs: number): Promise<void> {
    const closed = this.#producer?.then(
      (producer) => producer.close(),
      () => undefined,
    );
    if (closed !== undefined) await within(closed, withinMs);
  }

  #open(): Promise<PlainProducer> {
    this.#producer ??= this.#cluster.producer().catch((error: unknown) => {
      this.#producer = undefined;
      throw error;
    });
    return this.#producer;
  }
}
