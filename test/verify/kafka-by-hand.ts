import type { LogRecord } from '@incident-streams/streams';
import type { KafkaCluster, TopicPartition } from '@incident-streams/streams/kafka';
import { onTestFinished } from 'vitest';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { readAll } from '../streams/kafka/run-on-kafka.ts';

/** Somebody who writes to the pipeline's topics what nobody should. */
export class KafkaByHand {
  readonly cluster: KafkaCluster;

  constructor(brokers: string) {
    this.cluster = connectKafka({ brokers: brokers.split(','), clientId: 'by-hand' });
    onTestFinished(() => this.cluster.close());
  }

  /** The last record of a topic that fits, and of nothing but data. */
  async lastRecord(topic: string, fits: (record: LogRecord) => boolean = () => true): Promise<LogRecord> {
    const facts = (await this.cluster.admin.describeTopics([topic])).get(topic);
    for (let partition = 0; partition < (facts?.partitions ?? 0); partition++) {
      const found = (await readAll(this.cluster, { topic, partition })).findLast(fits);
      if (found !== undefined) return found;
    }
    throw new Error(`no record in ${topic}`);
  }

  async append(
    { topic, partition }: TopicPartition,
    { key, value, timestamp }: Pick<LogRecord, 'key' | 'value' | 'timestamp'>,
  ): Promise<void> {
    const producer = await this.cluster.producer();
    try {
      await producer.send([{ topic, partition, key, value, timestamp, headers: [] }]);
    } finally {
      await producer.close();
    }
  }

  /** Has a group believe that it has done what lies before the end of a partition. */
  async skipToEnd(groupId: string, place: TopicPartition): Promise<void> {
    const member = this.cluster.groupMember({
      groupId,
      topics: [place.topic],
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      heartbeatIntervalMs: 3_000,
      assign: (members) =>
        Promise.resolve(
          members.map(({ memberId }) => ({ memberId, partitions: [place], userData: new Uint8Array() })),
        ),
      onRebalance: () => undefined,
    });
    try {
      await member.join(new Uint8Array());
      const { end } = await this.cluster.admin.offsetRange(place);
      await member.commit([{ ...place, offset: end, metadata: '' }]);
    } finally {
      await member.leave();
    }
  }
}

export function textOf(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
