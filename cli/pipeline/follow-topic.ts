import type { LogRecord } from '@incident-streams/streams';
import type { EmbeddedRuntime } from '@incident-streams/streams/embedded';

/** After so many records of one partition the event loop gets its turn. */
const RECORDS_PER_TURN = 500;

export interface FollowOptions {
  readonly topic: string;
  /** The first offset to read, by partition. */
  readonly from: readonly number[];
  /** `nextOffsets` is the position behind the record, over all partitions. */
  readonly onRecord: (record: LogRecord, nextOffsets: readonly number[]) => void;
}

/** Calls back for each record of a topic, those that are there first, until the returned function is called. */
export function followTopic(runtime: EmbeddedRuntime, options: FollowOptions): () => void {
  const nextOffsets = [...options.from];
  let ended = false;
  let scheduled: NodeJS.Immediate | undefined;

  const schedule = (): void => {
    if (!ended) scheduled ??= setImmediate(turn);
  };
  const turn = (): void => {
    scheduled = undefined;
    let more = false;
    for (const partition of nextOffsets.keys()) more = readSome(partition) || more;
    if (more) schedule();
  };
  const readSome = (partition: number): boolean => {
    let left = RECORDS_PER_TURN;
    for (const record of runtime.records(options.topic, partition, nextOffsets[partition])) {
      if (ended) return false;
      nextOffsets[partition] = record.offset + 1;
      options.onRecord(record, nextOffsets);
      if (--left === 0) return true;
    }
    return false;
  };

  const stopListening = runtime.onCommit(schedule);
  schedule();
  return () => {
    ended = true;
    stopListening();
    clearImmediate(scheduled);
  };
}
