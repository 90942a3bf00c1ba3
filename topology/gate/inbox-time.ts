import type { InboxEntry } from '../../schemas/inbox-entry.ts';
import type { Limits } from '../rules/rule.ts';
import { invalidReason } from './validate-event.ts';
import { implausibleTime } from './validate-time.ts';

/** Given to what must not move stream time; no believable entry has it, since times before `minTime` are refused. */
export const UNBELIEVED_TIME = 0;

/**
 * The stream time that an inbox entry stands for. An event that the gate will reject stands for none: one from the
 * year 2099 must not close every window.
 */
export function inboxTime(entry: InboxEntry | null, receivedAt: number, limits: Limits): number {
  if (entry === null) return UNBELIEVED_TIME;
  switch (entry.type) {
    case 'event':
      return invalidReason(entry.event) === null
        ? believable(entry.event.time, receivedAt, limits)
        : UNBELIEVED_TIME;
    case 'command':
      return believable(entry.command.time, receivedAt, limits);
    case 'tick':
      return believable(entry.tick.time, receivedAt, limits);
  }
}

function believable(time: number, receivedAt: number, limits: Limits): number {
  return implausibleTime(time, receivedAt, limits) === null ? time : UNBELIEVED_TIME;
}
