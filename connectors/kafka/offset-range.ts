import { listOffsetsV6 } from '@platformatic/kafka';
import type { OffsetRange, TopicPartition } from '@incident-streams/streams/kafka';
import type { BrokerRequests } from './broker-requests.ts';

/** Asks the leader of the partition, once; for `retrying`, forget the leaders in between. */
export async function offsetRange(requests: BrokerRequests, place: TopicPartition): Promise<OffsetRange> {
  const leader = await requests.leader(place);
  const ask = async (timestamp: bigint, isolation: number): Promise<number> => {
    const partition = {
      partitionIndex: place.partition,
      currentLeaderEpoch: leader.leaderEpoch,
      timestamp,
    };
    const topics = [{ name: place.topic, partitions: [partition] }];
    const answer = await requests.node(leader.nodeId, listOffsetsV6.api, NO_REPLICA, isolation, topics);
    return Number(answer.topics[0]?.partitions[0]?.offset ?? NaN);
  };
  const [start, end, highWatermark] = await Promise.all([
    ask(EARLIEST, READ_UNCOMMITTED),
    ask(LATEST, READ_COMMITTED),
    ask(LATEST, READ_UNCOMMITTED),
  ]);
  return { start, end, highWatermark };
}

const NO_REPLICA = -1;
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const EARLIEST = -2n;
const LATEST = -1n;
