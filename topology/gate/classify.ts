import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { formatDuration } from '../rules/format-duration.ts';
import type { Limits } from '../rules/rule.ts';
import { invalidReason } from './validate-event.ts';
import { formatTime, implausibleTime } from './validate-time.ts';
import type { Verdict } from './verdict.ts';

/** What the gate knows besides the event itself. Times are in milliseconds since the epoch. */
export interface GateContext {
  /** When the record was received (its timestamp in the log), which a replay finds again. */
  readonly receivedAt: number;
  /** Stream time of the partition before this event; -Infinity before the first. */
  readonly streamTime: number;
  /** Whether its source and id were seen before, within `dedupeWithinMs`. */
  readonly seen: boolean;
}

const APPLIED: Verdict = { outcome: 'applied' };

/**
 * Puts an event into exactly one bucket of the ledger. The first that fits counts: rejected, duplicate, late, applied.
 * Only an event that is not rejected may move stream time.
 */
export function classify(event: IncidentEvent, context: GateContext, limits: Limits): Verdict {
  const rejected = invalidReason(event) ?? implausibleTime(event.time, context.receivedAt, limits);
  if (rejected !== null) return { outcome: 'rejected', reason: rejected };
  if (context.seen) {
    return { outcome: 'duplicate', reason: `id '${event.id}' of source '${event.source}' was seen before` };
  }
  if (event.time < context.streamTime - limits.graceMs) {
    const latenessMs = context.streamTime - event.time;
    return {
      outcome: 'late',
      reason:
        `time ${formatTime(event.time)} lies ${formatDuration(latenessMs)} behind stream time ` +
        `${formatTime(context.streamTime)}, at most ${formatDuration(limits.graceMs)} are accepted`,
    };
  }
  return APPLIED;
}
