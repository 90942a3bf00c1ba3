import type { CommittedOffset, KafkaCluster, TopicPartition } from './ports.ts';

/**
 * How far a group has come, asked by somebody who is no member of it; a partition without a commit is left out. An
 * offset that is being committed in a transaction is waited for.
 */
export async function committedOffsets(
  cluster: KafkaCluster,
  groupId: string,
  places: readonly TopicPartition[],
): Promise<readonly CommittedOffset[]> {
  const outsider = cluster.groupMember({
    groupId,
    topics: [],
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    heartbeatIntervalMs: 3_000,
    assign: () => Promise.resolve([]),
    onRebalance: () => undefined,
  });
  try {
    return await outsider.committed(places);
  } finally {
    await outsider.leave();
  }
}
