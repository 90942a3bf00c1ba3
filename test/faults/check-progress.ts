import type { OpenTransaction, PartitionOffsets } from './broker-view.ts';
import type { CommittedRecord } from './committed-records.ts';
import type { Expected } from './reference-fold.ts';

export interface TopicProgress {
  readonly topic: string;
  /** Offsets that the group has committed, by partition. */
  readonly committed: readonly number[];
  readonly offsets: readonly PartitionOffsets[];
  readonly records: readonly CommittedRecord[];
}

/**
 * The group has committed the end of everything that it reads. Behind the last record of a topic that is written in
 * transactions there lies the marker of the last one, which nobody has to read.
 */
export function progressProblems({ topic, committed, offsets, records }: TopicProgress): string[] {
  const ends = new Map<number, number>();
  for (const { partition, offset } of records) ends.set(partition, offset + 1);
  return offsets.flatMap(({ start, highWatermark }, partition) => {
    const end = Math.max(ends.get(partition) ?? 0, start);
    const reached = committed[partition] ?? -1;
    if (end === 0 && reached <= highWatermark) return [];
    if (reached >= end && reached <= highWatermark) return [];
    return [
      `${topic}-${partition}: committed up to ${reached}, records up to ${end}, high watermark ${highWatermark}`,
    ];
  });
}

/** Nothing that is still open keeps a reader of committed records from the end. */
export function openEndProblems(topic: string, offsets: readonly PartitionOffsets[]): string[] {
  return offsets.flatMap(({ lastStable, highWatermark }, partition) =>
    lastStable === highWatermark
      ? []
      : [`${topic}-${partition}: last stable offset ${lastStable}, high watermark ${highWatermark}`],
  );
}

export function transactionProblems(open: readonly OpenTransaction[]): string[] {
  return open.map(
    ({ transactionalId, state, partitions }) => `${transactionalId} is ${state} on ${partitions.join(', ')}`,
  );
}

export type Counters = Readonly<Record<string, number>>;

/** Each task runs in one worker, and those that read the inbox have counted each of its records once. */
export function taskProblems(
  workers: readonly { readonly counters: Readonly<Record<string, Counters>> }[],
  expected: Expected,
  options: { readonly tasks: number },
): string[] {
  const problems: string[] = [];
  const counters = new Map<string, Counters>();
  for (const [task, counted] of workers.flatMap((worker) => Object.entries(worker.counters))) {
    if (counters.has(task)) problems.push(`task ${task} runs twice`);
    counters.set(task, counted);
  }
  if (counters.size !== options.tasks)
    problems.push(
      `${counters.size} tasks run instead of ${options.tasks}: ${[...counters.keys()].join(', ')}`,
    );
  for (const [partition, wanted] of expected.counters) {
    const found = counters.get(`0_${partition}`);
    const { processed = 0, duplicate = 0, 'late-record': late = 0 } = found ?? {};
    if (processed !== wanted.processed || duplicate !== wanted.duplicate || late !== wanted.late)
      problems.push(
        `task 0_${partition} has counted ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`,
      );
  }
  return problems;
}
