import { committedOffsets } from './committed-offsets.ts';
import { decodeNotes } from './offset-metadata.ts';
import type { KafkaCluster, TopicPartition } from './ports.ts';

/** What the task that reads a partition had counted when it committed. */
export interface CommittedCounters extends TopicPartition {
  readonly counters: Readonly<Record<string, number>>;
}

/**
 * The counters of a topology's tasks, wherever they run: each keeps them with the offset that it commits of its first
 * topic, in the same transaction. Partitions without a commit, and those of a task's other topics, are left out.
 */
export async function committedCounters(
  cluster: KafkaCluster,
  applicationId: string,
  places: readonly TopicPartition[],
): Promise<readonly CommittedCounters[]> {
  const committed = await committedOffsets(cluster, applicationId, places);
  return committed.flatMap(({ topic, partition, metadata }) => {
    const notes = decodeNotes(metadata);
    return notes === undefined ? [] : [{ topic, partition, counters: notes.counters }];
  });
}
