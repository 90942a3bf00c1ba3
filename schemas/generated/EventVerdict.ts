// Made by `npm run schemas` from schemas/EventVerdict.avsc. Change that file, not this one.
import type { IncidentEvent } from './IncidentEvent.ts';

/** What the gate decided about one event of the inbox. Every event that can be read has exactly one. */
export interface EventVerdict {
  /** Where the event is counted in the ledger. */
  readonly outcome: Outcome;
  /** Why it did not take effect, as a sentence for people. Null where it did. */
  readonly reason: string | null;
  /**
   * When the event arrived, by the clock of whoever wrote it to the inbox. Null where nobody noted it.
   * Milliseconds since the epoch.
   */
  readonly receivedAt: number | null;
  /** Partition of the inbox that the event lies in. */
  readonly inboxPartition: number;
  /** Its offset there. */
  readonly inboxOffset: number;
  /** The event. */
  readonly event: IncidentEvent;
}

/**
 * APPLIED: it took effect. DUPLICATE: an event of that source and id was seen before. LATE: older than the
 * longest grace. REJECTED: against the contract; it is in the dead letters as well. A reader that meets an
 * outcome it does not know takes it for REJECTED.
 */
export type Outcome =
  | 'APPLIED'
  | 'DUPLICATE'
  | 'LATE'
  | 'REJECTED';

/** Every {@link Outcome}, in the order of the schema. */
export const OUTCOME_SYMBOLS = [
  'APPLIED',
  'DUPLICATE',
  'LATE',
  'REJECTED',
] as const;
