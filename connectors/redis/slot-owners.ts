import { SLOTS } from './hash-slot.ts';
import { replyKindOf, replyOf } from './redis-errors.ts';
import type { RedisAddress } from './redis-url.ts';

/** By slot: the master that serves it. */
export type SlotOwners = (RedisAddress | undefined)[];

/** A command that a node refused belongs there. */
export interface Redirect {
  readonly slot: number;
  readonly to: RedisAddress;
  /** For this once, and with ASKING before it: the slot is on its way. */
  readonly isAsk: boolean;
}

/** Reads the answer to CLUSTER SLOTS. `asked` gave it: a node that does not know its own name means itself. */
export function ownersIn(answer: unknown, asked: RedisAddress): SlotOwners {
  const owners: SlotOwners = Array.from({ length: SLOTS }, () => undefined);
  for (const [from, to, master] of answer as [number, number, [string | null, number]][]) {
    const [host, port] = master;
    const owner = { host: host === null || host === '' ? asked.host : host, port };
    owners.fill(owner, from, to + 1);
  }
  return owners;
}

/** Where an error such as `MOVED 3999 127.0.0.1:6381` or `ASK …` sends the command; undefined for other errors. */
export function redirectIn(error: unknown, asked: RedisAddress): Redirect | undefined {
  const kind = replyKindOf(error);
  if (kind !== 'MOVED' && kind !== 'ASK') return undefined;
  const [, slot, host = '', port] = /(\d+) (\S*):(\d+)/.exec(replyOf(error)) ?? [];
  if (slot === undefined || Number(slot) >= SLOTS) return undefined;
  const to = { host: host === '' ? asked.host : host, port: Number(port) };
  return { slot: Number(slot), to, isAsk: kind === 'ASK' };
}
