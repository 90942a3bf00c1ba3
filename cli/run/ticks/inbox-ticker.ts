import { setTimeout as sleep } from 'node:timers/promises';
import type { StateStore, StoreBuilder } from '@incident-streams/streams';
import type { IncidentTopology } from '../../../topology/incident-topology.ts';
import type { RuleSet } from '../../../topology/rules/rule.ts';
import type { InboxWriter } from '../inbox-writer.ts';
import type { Log } from '../log.ts';
import type { RoutedUpTo } from './routed-up-to.ts';

/** A tick takes effect when it is read: until then, or so long, it is not written again. */
const REPEAT_AFTER_MS = 5_000;

export interface InboxTickerOptions {
  readonly stores: IncidentTopology['stores'];
  readonly limits: RuleSet['limits'];
  /** Opens the stores of the tasks that run in this process. */
  readonly openStores: <S extends StateStore>(builder: StoreBuilder<S>) => readonly S[];
  /** The partitions of the inbox whose tasks run in this process. */
  readonly ownPartitions: () => readonly number[];
  readonly inbox: Pick<InboxWriter, 'append'>;
  readonly routed: Pick<RoutedUpTo, 'ask'>;
  readonly intervalMs: number;
  readonly now: () => number;
  readonly log: Log;
  readonly onTick: (count: number) => void;
}

/**
 * Writes ticks to the inbox when something is due that no event has come to bring about: a timer, or a window to
 * close. A tick never runs ahead of the events that wait to be routed. Returns how to stop it.
 */
export function startInboxTicker(options: InboxTickerOptions): () => Promise<void> {
  const stopping = new AbortController();
  const ended = tickUntil(stopping.signal, options);
  return async () => {
    stopping.abort();
    await ended;
  };
}

interface LastTick {
  readonly dueMs: number;
  readonly writtenAtMs: number;
}

async function tickUntil(signal: AbortSignal, options: InboxTickerOptions): Promise<void> {
  let last: LastTick | undefined;
  while (!signal.aborted) {
    try {
      last = (await tickIfDue(options, last)) ?? last;
    } catch (error) {
      // Whatever is due is still due at the next look.
      if (!signal.aborted) options.log.warn({ err: error }, 'no ticks could be written');
    }
    await sleep(options.intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function tickIfDue(
  options: InboxTickerOptions,
  last: LastTick | undefined,
): Promise<LastTick | undefined> {
  const now = options.now();
  const partitions = options.ownPartitions();
  const dueMs = earliestDue(options);
  if (partitions.length === 0 || dueMs > now) return undefined;
  if (last?.dueMs === dueMs && now - last.writtenAtMs < REPEAT_AFTER_MS) return undefined;
  const time = await options.routed.ask();
  if (dueMs > time) return undefined;
  await options.inbox.append(
    partitions.map((partition) => {
      const tick = { id: `due-${time}-${partition}`, time, reason: 'due' };
      return { entry: { type: 'tick', tick }, key: 'tick', receivedAt: now, partition };
    }),
  );
  options.onTick(partitions.length);
  return { dueMs, writtenAtMs: now };
}

/** When the next thing falls due in any of the stores here, in milliseconds since the epoch; Infinity for nothing. */
function earliestDue({ stores, limits, openStores }: InboxTickerOptions): number {
  let due = Infinity;
  for (const timers of openStores(stores.timers)) due = Math.min(due, timers.oldestStart() ?? Infinity);
  for (const [windowMs, builder] of stores.windows) {
    for (const windows of openStores(builder))
      due = Math.min(due, (windows.oldestStart() ?? Infinity) + windowMs + limits.graceMs);
  }
  return due;
}
