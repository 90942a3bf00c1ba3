import { FetchIsolationLevels, fetchV12 } from '@platformatic/kafka';
import type { Connection } from '@platformatic/kafka';
import { withConnection } from './broker-view.ts';
import type { BrokerView } from './broker-view.ts';

export interface CommittedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;
/** The second number in the key of a control record: 0 aborts, 1 commits. */
const ABORT = 0;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Every record of a topic that a read_committed consumer may see, by partition and offset.
 * @param from where to begin, by partition; default: at the beginning.
 */
export async function committedRecords(
  view: BrokerView,
  topic: string,
  from: readonly number[] = [],
): Promise<CommittedRecord[]> {
  const partitions = await view.offsets(topic);
  const read = partitions.map(async ({ start, lastStable }, partition) => {
    const leader = await view.leaderOf(topic, partition);
    const stretch = { topic, partition, start: Math.max(start, from[partition] ?? 0), end: lastStable };
    return withConnection(leader, (connection) => readPartition(connection, stretch));
  });
  return (await Promise.all(read)).flat();
}

interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

async function readPartition(
  connection: Connection,
  { topic, partition, start, end }: Stretch,
): Promise<CommittedRecord[]> {
  const records: CommittedRecord[] = [];
  /** Who writes what will be aborted, from where on: as long as its abort marker has not come. */
  const aborting = new Set<bigint>();
  for (let next = start; next < end;) {
    const answer = await fetchOnce(connection, { topic, partition, from: next });
    const batches = (answer.records ?? []).filter(
      (batch) => Number(batch.firstOffset) + batch.lastOffsetDelta >= next,
    );
    const aborted = [...(answer.abortedTransactions ?? [])].sort((a, b) =>
      Number(a.firstOffset - b.firstOffset),
    );
    for (const batch of batches) {
      const lastOffset = Number(batch.firstOffset) + batch.lastOffsetDelta;
      while (aborted[0] !== undefined && Number(aborted[0].firstOffset) <= lastOffset) {
        const begun = aborted.shift();
        if (begun !== undefined) aborting.add(begun.producerId);
      }
      next = lastOffset + 1;
      if ((batch.attributes & CONTROL) !== 0) {
        if (batch.records[0]?.key?.readInt16BE(2) === ABORT) aborting.delete(batch.producerId);
        continue;
      }
      if ((batch.attributes & TRANSACTIONAL) !== 0 && aborting.has(batch.producerId)) continue;
      for (const { offsetDelta, key, value } of batch.records) {
        const offset = Number(batch.firstOffset) + offsetDelta;
        if (offset >= start && offset < end) records.push({ partition, offset, key, value });
      }
    }
  }
  return records;
}

async function fetchOnce(
  connection: Connection,
  { topic, partition, from }: { topic: string; partition: number; from: number },
): Promise<fetchV12.FetchResponsePartition> {
  const place = {
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: BigInt(from),
    lastFetchedEpoch: -1,
    partitionMaxBytes: MAX_BYTES,
  };
  const { responses } = await fetchV12.api.async(
    connection,
    500,
    1,
    MAX_BYTES,
    FetchIsolationLevels.READ_COMMITTED,
    0,
    -1,
    [{ topicId: topic, partitions: [place] }],
    [],
    '',
  );
  const answer = responses[0]?.partitions[0];
  if (answer === undefined) throw new Error(`no answer about ${topic}-${partition}`);
  return answer;
}
