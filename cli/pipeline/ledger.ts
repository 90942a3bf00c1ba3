import type { LedgerCounts, PartitionLedger } from '../../connectors/http/index.ts';
import { LEDGER } from '../../topology/ledger.ts';
import { TOPICS } from '../../topology/topics.ts';
import type { Pipeline } from './pipeline.ts';

/** What one task has counted, and the partition that it works on. */
export interface TaskCounts {
  readonly partition: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** The ledger, partition by partition, from what the tasks counted in their commits. */
export function readLedger({ runtime }: Pipeline): PartitionLedger[] {
  const tasks = Object.entries(runtime.counters()).map(([id, counters]) => {
    return { partition: Number(id.split('_')[1]), counters };
  });
  return ledgerOf(tasks, runtime.partitionsOf(TOPICS.inbox));
}

/**
 * The ledger of this many partitions. An event that cannot be read is received and dead-lettered where that is found
 * out: on its way to the inbox, or in it.
 */
export function ledgerOf(tasks: readonly TaskCounts[], partitions: number): PartitionLedger[] {
  return Array.from({ length: partitions }, (_, partition) => {
    const own = tasks.filter((task) => task.partition === partition);
    const total = (name: string): number => own.reduce((sum, { counters }) => sum + (counters[name] ?? 0), 0);
    return {
      partition,
      received: total(LEDGER.received) + total('unreadable'),
      applied: total(LEDGER.applied),
      duplicates: total(LEDGER.duplicate),
      late: total(LEDGER.late),
      deadLettered: total(LEDGER.rejected) + total('unreadable'),
    };
  });
}

export function totalOf(partitions: readonly PartitionLedger[]): LedgerCounts {
  const total = { received: 0, applied: 0, duplicates: 0, late: 0, deadLettered: 0 };
  for (const partition of partitions) {
    for (const bucket of ['received', 'applied', 'duplicates', 'late', 'deadLettered'] as const)
      total[bucket] += partition[bucket];
  }
  return total;
}
