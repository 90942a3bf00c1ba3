import { listOffsetsV6 } from '@platformatic/kafka';
import type { TopicPartition } from '@incident-streams/streams/kafka';
import type { BrokerRequests } from './broker-requests.ts';

export interface OffsetRange {
  /** The first offset that the broker still holds. */
  readonly start: number;
  /** The offset after the last committed record. */
  readonly end: number;
}

/** Asks the leader of the partition, once; for `retrying`, forget the leaders in between. */
export async function offsetRange(requests: BrokerRequests, place: TopicPartition): Promise<OffsetRange> {
  const leader = await requests.leader(place);
  const ask = async (timestamp: bigint): Promise<number> => {
    const partition = {
      partitionIndex: place.partition,
      currentLeaderEpoch: leader.leaderEpoch,
      timestamp,
    };
    const topics = [{ name: place.topic, partitions: [partition] }];
    const answer = await requests.node(leader.nodeId, listOffsetsV6.api, NO_REPLICA, READ_COMMITTED, topics);
    return Number(answer.topics[0]?.partitions[0]?.offset ?? NaN);
  };
  const [start, end] = await Promise.all([ask(EARLIEST), ask(LATEST)]);
  return { start, end };
}

const NO_REPLICA = -1;
const READ_COMMITTED = 1;
const EARLIEST = -2n;
const LATEST = -1n;
