import type { GroupMetadata, PlacedRecord } from '@incident-streams/streams/kafka';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin, EachMessagePayload, KafkaMessage } from 'kafkajs';
import { vi } from 'vitest';
import { uniqueName } from '../services/describe-with.ts';
import { createTopic } from '../services/kafka/create-topic.ts';

/** A topic of two partitions and a group, looked at through a client that is not the one under test. */
export class TopicUnderTest {
  readonly topic = uniqueName('out');
  readonly groupId = uniqueName('group');
  readonly #client: Kafka;
  readonly #admin: Admin;

  constructor(brokers: string) {
    this.#client = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    this.#admin = this.#client.admin();
  }

  async create(): Promise<void> {
    await this.#admin.connect();
    await createTopic(this.#admin, this.topic, { partitions: 2 });
  }

  async remove(): Promise<void> {
    await this.#admin.deleteTopics({ topics: [this.topic] });
    await this.#admin.disconnect();
  }

  records(...values: readonly string[]): PlacedRecord[] {
    return values.map((value, index) => this.record(value, { partition: index % 2 }));
  }

  record(value: string, { partition = 0 }: { readonly partition?: number } = {}): PlacedRecord {
    const bytes = Buffer.from(value);
    return { topic: this.topic, partition, timestamp: Date.now(), key: null, value: bytes, headers: [] };
  }

  /** A group without members: whoever gives no generation may commit. */
  loneGroup(): GroupMetadata {
    return { groupId: this.groupId, memberId: '', generationId: -1, instanceId: null };
  }

  /** What a read_committed consumer gets of each partition, up to the value awaited there. */
  async committedValues(...lasts: readonly string[]): Promise<string[][]> {
    const values: string[][] = [[], []];
    await this.#read(({ partition, message }) => {
      values[partition]!.push(String(message.value));
      return lasts.every((last, index) => values[index]!.includes(last));
    });
    return values;
  }

  async firstMessage(): Promise<KafkaMessage> {
    const messages: KafkaMessage[] = [];
    await this.#read(({ message }) => messages.push(message) === 1);
    return messages[0]!;
  }

  /** The group's offset in partition 0 and its metadata, whatever may still be pending. */
  async committedOffset(): Promise<readonly [string, string | null]> {
    // The very first question of a broker's life finds a coordinator that is still loading.
    const [answer] = await vi.waitFor(
      () => this.#admin.fetchOffsets({ groupId: this.groupId, topics: [this.topic] }),
      { timeout: 50_000 },
    );
    const ofPartition = answer?.partitions.find(({ partition }) => partition === 0);
    return [ofPartition?.offset ?? '-1', ofPartition?.metadata ?? null];
  }

  /** Reads what is committed until `isLast` says so. */
  async #read(isLast: (payload: EachMessagePayload) => boolean): Promise<void> {
    const consumer = this.#client.consumer({ groupId: uniqueName('reader'), readUncommitted: false });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: this.topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const eachMessage = (payload: EachMessagePayload): Promise<void> => {
          if (isLast(payload)) resolve();
          return Promise.resolve();
        };
        consumer.run({ eachMessage }).catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
  }
}
