import type { Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';

const ASK_AGAIN_MS = 20;
const LIMIT_MS = 30_000;

export interface CreateTopicOptions {
  readonly partitions?: number;
  /** Default: the broker's. */
  readonly replicationFactor?: number;
  /** By Kafka's names. */
  readonly configs?: Readonly<Record<string, string>>;
}

/**
 * Creates a topic and waits until every partition has its leader. The client's own waiting gives up where the
 * broker has heard of the topic's creation a moment later than its controller.
 */
export async function createTopic(
  admin: Admin,
  topic: string,
  { partitions = 1, replicationFactor, configs = {} }: CreateTopicOptions = {},
): Promise<void> {
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  const replication = replicationFactor === undefined ? {} : { replicationFactor };
  await admin.createTopics({
    topics: [{ topic, numPartitions: partitions, ...replication, configEntries }],
    waitForLeaders: false,
  });
  const startedAt = Date.now();
  while (!(await hasLeaders(admin, topic, partitions))) {
    if (Date.now() - startedAt > LIMIT_MS) throw new Error(`topic ${topic} has no leaders yet`);
    await sleep(ASK_AGAIN_MS);
  }
}

async function hasLeaders(admin: Admin, topic: string, partitions: number): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const known = topics[0]?.partitions ?? [];
    return known.length === partitions && known.every(({ leader }) => leader >= 0);
  } catch (error) {
    if ((error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return false;
    if ((error as { type?: string }).type === 'LEADER_NOT_AVAILABLE') return false;
    throw error;
  }
}
