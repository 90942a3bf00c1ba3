import type { LogRecord } from '@incident-streams/streams';
import { EmbeddedRegistry } from '../../../schemas/embedded-registry.ts';
import { OUTCOME_SYMBOLS } from '../../../schemas/generated/EventVerdict.ts';
import type { EventVerdict } from '../../../schemas/generated/EventVerdict.ts';
import { createSerdes } from '../../../schemas/serdes.ts';
import { LEDGER } from '../../../topology/ledger.ts';

/** How many events of each partition of the inbox had each outcome: lines such as `2 LATE 17`, none for 0. */
export type OutcomeLines = readonly string[];

type Counters = Readonly<Record<string, Readonly<Record<string, number>>>>;

const { eventVerdict } = createSerdes(new EmbeddedRegistry());
const COUNTER_OF: Readonly<Record<EventVerdict['outcome'], string>> = {
  APPLIED: LEDGER.applied,
  DUPLICATE: LEDGER.duplicate,
  LATE: LEDGER.late,
  REJECTED: LEDGER.rejected,
};

export function verdictsIn(records: readonly LogRecord[]): EventVerdict[] {
  return records.map(({ value }) => eventVerdict.deserialize(value ?? new Uint8Array()));
}

/** Counted from the verdicts. */
export function outcomesOf(verdicts: readonly EventVerdict[]): OutcomeLines {
  const counts = new Map<string, number>();
  for (const { inboxPartition, outcome } of verdicts) {
    const bucket = `${inboxPartition} ${outcome}`;
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return [...counts].map(([bucket, count]) => `${bucket} ${count}`).sort();
}

/** As the ledger has them: from the counters of the tasks that read the inbox. */
export function outcomesInLedger(...runs: readonly Counters[]): OutcomeLines {
  const lines = runs
    .flatMap((run) => Object.entries(run))
    .filter(([task]) => task.startsWith('1_'))
    .flatMap(([task, counted]) =>
      OUTCOME_SYMBOLS.map((outcome) => ({
        bucket: `${task.slice(2)} ${outcome}`,
        count: counted[COUNTER_OF[outcome]] ?? 0,
      })),
    );
  return lines
    .filter(({ count }) => count > 0)
    .map(({ bucket, count }) => `${bucket} ${count}`)
    .sort();
}

/** How many events of the inbox these verdicts are about: as many as there are verdicts, where each was judged once. */
export function eventsJudged(verdicts: readonly EventVerdict[]): number {
  return new Set(verdicts.map(({ inboxPartition, inboxOffset }) => `${inboxPartition}@${inboxOffset}`)).size;
}
