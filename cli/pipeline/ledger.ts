import type { LedgerCounts, PartitionLedger } from '../../connectors/http/index.ts';
import { LEDGER } from '../../topology/ledger.ts';
import { TOPICS } from '../../topology/topics.ts';
import type { Pipeline } from './pipeline.ts';

/** The ledger, partition by partition, from what the tasks counted in their commits. */
export function readLedger({ runtime }: Pipeline): PartitionLedger[] {
  return ledgerOf(
    runtime.counters(),
    Array.from({ length: runtime.partitionsOf(TOPICS.inbox) }, (_, partition) => partition),
  );
}

/**
 * The ledger of these partitions from counters by task id. An event that cannot be read is received and dead-lettered
 * where that is found out: on its way to the inbox, or in it.
 */
export function ledgerOf(
  counters: Readonly<Record<string, Readonly<Record<string, number>>>>,
  partitions: readonly number[],
): PartitionLedger[] {
  const tasks = Object.entries(counters);
  return partitions.map((partition) => {
    const own = tasks.filter(([id]) => id.endsWith(`_${partition}`)).map(([, counted]) => counted);
    const total = (name: string): number => own.reduce((sum, counted) => sum + (counted[name] ?? 0), 0);
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
