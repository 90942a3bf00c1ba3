/**
 * The ledger's counters. Each event that the gate gets is counted as received and in exactly one of the others, by the
 * task that decides and within its commit; none is computed from the rest.
 */
export const LEDGER = {
  received: 'ledger-received',
  applied: 'ledger-applied',
  duplicate: 'ledger-duplicate',
  late: 'ledger-late',
  rejected: 'ledger-rejected',
} as const;
