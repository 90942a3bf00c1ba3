import { formatDuration } from '../rules/format-duration.ts';
import type { Limits } from '../rules/rule.ts';

/**
 * Why a time that a record claims is not believed, as a sentence; null when it is. One time far ahead would move
 * stream time and with it close every window, so this is asked before stream time is moved.
 */
export function implausibleTime(time: number, receivedAt: number, limits: Limits): string | null {
  if (!Number.isSafeInteger(time)) return `time ${time} is not a whole number of milliseconds`;
  if (time < limits.minTime) {
    return `time ${formatTime(time)} is implausible, before ${formatTime(limits.minTime)}`;
  }
  if (time > receivedAt + limits.maxAheadMs) {
    return (
      `time ${formatTime(time)} lies ${formatDuration(time - receivedAt)} beyond its receipt at ` +
      `${formatTime(receivedAt)}, at most ${formatDuration(limits.maxAheadMs)} are accepted`
    );
  }
  return null;
}

/** ISO 8601 where a date can hold the time, else the bare number. */
export function formatTime(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}
