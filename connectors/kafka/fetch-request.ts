import type { FetchPlace, FetchRequest } from './fetch-api.ts';
import type { Reading } from './reading.ts';

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxPartitionBytes: number;
}

/**
 * One request for all of them. A broker fills its answer in the order in which it is asked, so those come first that
 * have waited longest: where the answer is full, or where a batch is larger than what may be asked for, which only
 * the first partition that has anything is sent, everyone's turn comes.
 */
export function requestFor(
  readings: readonly Reading[],
  { maxWaitMs, maxPartitionBytes }: FetchLimits,
): FetchRequest {
  const topics = new Map<string, FetchPlace[]>();
  for (const reading of [...readings].sort((a, b) => a.servedAt - b.servedAt)) {
    const { topicId = '', leader, nextOffset, place } = reading;
    const places = topics.get(topicId) ?? [];
    topics.set(topicId, places);
    places.push({
      partition: place.partition,
      leaderEpoch: leader?.leaderEpoch ?? ANY_EPOCH,
      offset: nextOffset,
      maxBytes: maxPartitionBytes,
    });
  }
  return {
    maxWaitMs,
    maxBytes: Math.max(maxPartitionBytes, Math.min(readings.length * maxPartitionBytes, MOST_BYTES)),
    topics: [...topics].map(([id, partitions]) => ({ id, partitions })),
  };
}

/** By what an answer is matched with who has asked. */
export function answerKey({ topicId, partition }: { topicId: string; partition: number }): string {
  return `${topicId}:${partition}`;
}

const ANY_EPOCH = -1;
/** Of an answer: it is in memory twice while it is being read. */
const MOST_BYTES = 16 * 1024 * 1024;
