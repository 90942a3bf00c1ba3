import {
  Admin,
  Connection,
  FetchIsolationLevels,
  ListOffsetTimestamps,
  describeTransactionsV0,
  listTransactionsV1,
} from '@platformatic/kafka';

/** Of one partition: what lies in it, for somebody who reads everything and for somebody who reads committed records. */
export interface PartitionOffsets {
  readonly start: number;
  readonly lastStable: number;
  readonly highWatermark: number;
}

export interface OpenTransaction {
  readonly transactionalId: string;
  readonly state: string;
  /** `topic-partition` of everything that it writes to. */
  readonly partitions: readonly string[];
}

const SETTLED_STATES = new Set(['Empty', 'CompleteCommit', 'CompleteAbort', 'Dead']);

/** What the brokers say of topics, groups and transactions, asked without anything of this repository. */
export class BrokerView {
  readonly admin: Admin;

  constructor(brokers: readonly string[]) {
    this.admin = new Admin({
      clientId: 'fault-check',
      bootstrapBrokers: [...brokers],
      retries: 20,
      retryDelay: 250,
      metadataMaxAge: 500,
    });
  }

  async partitionsOf(topic: string): Promise<number> {
    const metadata = await this.admin.metadata({ topics: [topic], forceUpdate: true });
    return metadata.topics.get(topic)?.partitionsCount ?? 0;
  }

  async offsets(topic: string): Promise<PartitionOffsets[]> {
    const partitions = await this.partitionsOf(topic);
    const at = async (timestamp: bigint, isolationLevel: 0 | 1): Promise<number[]> => {
      const [listed] = await this.admin.listOffsets({
        topics: [
          {
            name: topic,
            partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({
              partitionIndex,
              timestamp,
            })),
          },
        ],
        isolationLevel,
      });
      const sorted = (listed?.partitions ?? []).toSorted((a, b) => a.partitionIndex - b.partitionIndex);
      return sorted.map(({ offset }) => Number(offset));
    };
    const start = await at(ListOffsetTimestamps.EARLIEST, FetchIsolationLevels.READ_UNCOMMITTED);
    const lastStable = await at(ListOffsetTimestamps.LATEST, FetchIsolationLevels.READ_COMMITTED);
    const highWatermark = await at(ListOffsetTimestamps.LATEST, FetchIsolationLevels.READ_UNCOMMITTED);
    return start.map((offset, partition) => ({
      start: offset,
      lastStable: lastStable[partition] ?? -1,
      highWatermark: highWatermark[partition] ?? -1,
    }));
  }

  /** Committed offsets by partition; -1 where there is none. */
  async committed(groupId: string, topic: string): Promise<number[]> {
    const partitions = await this.partitionsOf(topic);
    const partitionIndexes = Array.from({ length: partitions }, (_, partition) => partition);
    const [group] = await this.admin.listConsumerGroupOffsets({
      groups: [{ groupId, topics: [{ name: topic, partitionIndexes }] }],
    });
    const found = group?.topics.find(({ name }) => name === topic)?.partitions ?? [];
    return partitionIndexes.map((partition) =>
      Number(found.find(({ partitionIndex }) => partitionIndex === partition)?.committedOffset ?? -1n),
    );
  }

  /** Transactions under ids with this prefix that are neither committed nor aborted to the end. */
  async openTransactions(idPrefix: string): Promise<OpenTransaction[]> {
    const { brokers } = await this.admin.metadata({ topics: [], forceUpdate: true });
    const open: OpenTransaction[] = [];
    for (const { host, port } of brokers.values()) {
      open.push(
        ...(await withConnection({ host, port }, async (connection) => {
          const { transactionStates } = await listTransactionsV1.api.async(connection, [], [], -1n, null);
          const ids = transactionStates
            .map(({ transactionalId }) => transactionalId)
            .filter((id) => id.startsWith(idPrefix));
          if (ids.length === 0) return [];
          const described = await describeTransactionsV0.api.async(connection, ids);
          return described.transactionStates
            .filter(({ transactionState }) => !SETTLED_STATES.has(transactionState))
            .map(({ transactionalId, transactionState, topics }) => ({
              transactionalId,
              state: transactionState,
              partitions: topics.flatMap(({ topic, partitions }) =>
                partitions.map((one) => `${topic}-${one}`),
              ),
            }));
        })),
      );
    }
    return open;
  }

  /** The node that leads the first partition of a topic, of its id and address. */
  async leaderOf(topic: string, partition = 0): Promise<{ nodeId: number; host: string; port: number }> {
    const { topics, brokers } = await this.admin.metadata({ topics: [topic], forceUpdate: true });
    const nodeId = topics.get(topic)?.partitions[partition]?.leader ?? -1;
    const broker = brokers.get(nodeId);
    if (broker === undefined) throw new Error(`${topic}-${partition} has no leader`);
    return { nodeId, host: broker.host, port: broker.port };
  }

  /** How many partitions of a topic have a replica that has not caught up. */
  async outOfSync(topic: string): Promise<number> {
    const { topics } = await this.admin.metadata({ topics: [topic], forceUpdate: true });
    const partitions = Object.values(topics.get(topic)?.partitions ?? {});
    return partitions.filter(({ replicas, isr }) => isr.length < replicas.length).length;
  }

  close(): Promise<void> {
    return this.admin.close();
  }
}

/** Runs something over a connection of its own to one broker. */
export async function withConnection<T>(
  { host, port }: { readonly host: string; readonly port: number },
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = new Connection('fault-check');
  await connection.connect(host, port);
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}
