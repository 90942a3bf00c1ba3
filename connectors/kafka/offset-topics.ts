import type { CommittedOffset } from '@incident-streams/streams/kafka';

interface OffsetTopic {
  name: string;
  partitions: {
    partitionIndex: number;
    committedOffset: bigint;
    committedLeaderEpoch: number;
    committedMetadata: string;
  }[];
}

/** Leaders' epochs are not tracked here. */
const UNKNOWN_EPOCH = -1;

/** Offsets as OffsetCommit and TxnOffsetCommit take them. */
export function offsetsByTopic(offsets: readonly CommittedOffset[]): OffsetTopic[] {
  return [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, ofTopic]) => ({
    name,
    partitions: ofTopic.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: UNKNOWN_EPOCH,
      committedMetadata: metadata,
    })),
  }));
}
