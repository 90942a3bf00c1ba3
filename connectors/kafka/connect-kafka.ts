import type {
  GroupMember,
  GroupMemberOptions,
  KafkaAdmin,
  KafkaCluster,
  PartitionReader,
  PlainProducer,
  ReaderOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from '@incident-streams/streams/kafka';
import { BrokerRequests } from './broker-requests.ts';
import type { KafkaConnectionOptions } from './connection-options.ts';
import { ClassicGroupMember } from './group-member.ts';
import { BrokerAdmin } from './kafka-admin.ts';
import { BrokerPartitionReader } from './partition-reader.ts';
import { startPlainProducer } from './plain-producer.ts';
import { startTransactionalProducer } from './transactional-producer.ts';

/** A client of a Kafka cluster, 3.1 or newer. Nothing is connected before it is needed. */
export function connectKafka(options: KafkaConnectionOptions): KafkaCluster {
  return new ConnectedCluster(options);
}

class ConnectedCluster implements KafkaCluster {
  readonly admin: KafkaAdmin;
  readonly #requests: BrokerRequests;
  readonly #readers = new Set<PartitionReader>();

  constructor(options: KafkaConnectionOptions) {
    this.#requests = new BrokerRequests(options);
    this.admin = new BrokerAdmin(this.#requests, options);
  }

  groupMember(options: GroupMemberOptions): GroupMember {
    return new ClassicGroupMember(this.#requests, options);
  }

  transactionalProducer(options: TransactionalProducerOptions): Promise<TransactionalProducer> {
    return startTransactionalProducer(this.#requests, options);
  }

  producer(): Promise<PlainProducer> {
    return startPlainProducer(this.#requests);
  }

  reader(options: ReaderOptions): PartitionReader {
    const reader = new BrokerPartitionReader(this.#requests, options, () => this.#readers.delete(reader));
    this.#readers.add(reader);
    return reader;
  }

  /** Closes the readers too: one that went on would try for ever to reach brokers through closed connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.#requests.close();
  }
}
