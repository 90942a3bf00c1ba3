import type { RedisAlert } from '../redis-alert.ts';
import type { RedisConnection } from '../redis-connection.ts';
import { RedisCommandError, replyOf } from '../redis-errors.ts';
import type { PartitionKeys, RedisKeys } from '../redis-keys.ts';
import { BEFORE_ALL } from './alert-position.ts';

/** How many entries are read from a partition at a time, and so how many wait for a slow consumer at most. */
const PAGE_ENTRIES = 100;

export interface AlertEntry {
  readonly id: string;
  /** Field and value by turns. */
  readonly fields: readonly string[];
}

export interface AlertPage {
  readonly partition: number;
  /** In order, the first after the position that was asked for. */
  readonly entries: readonly AlertEntry[];
  /** Whether entries may be missing between that position and the first one. */
  readonly hasGap: boolean;
  readonly isFull: boolean;
}

/** Reads the streams of alerts, each partition by itself, as Redis Cluster demands. */
export class AlertStreams {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;

  constructor(connection: RedisConnection, keys: RedisKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  /** How many partitions the sink has told of; 0 before it came, or after Redis was emptied. */
  async partitions(): Promise<number> {
    const { meta } = this.#keys;
    const call = { doing: `HGET ${meta}`, key: meta };
    const told = await this.#connection.run(call, (client) => client.hget(meta, 'partitions'));
    return Number(told ?? 0);
  }

  /** The id of the newest entry. */
  async lastId(partition: number): Promise<string> {
    const { alerts } = this.#keys.partition(partition);
    const call = { doing: `XREVRANGE ${alerts}`, key: alerts };
    const [last] = await this.#connection.run(call, (client) =>
      client.xrevrange(alerts, '+', '-', 'COUNT', 1),
    );
    return last?.[0] ?? BEFORE_ALL;
  }

  /**
   * Reads on from the entry that was dealt with last, *with* it: where it is still there nothing can be missing
   * behind it. (Of trimmed entries XINFO STREAM tells no ids, `max-deleted-entry-id` concerns XDEL alone.)
   */
  async pageAfter(partition: number, after: string): Promise<AlertPage> {
    const keys = this.#keys.partition(partition);
    const call = { doing: `XRANGE ${keys.alerts}`, key: keys.alerts };
    const found = await this.#connection.run(call, (client) =>
      client.xrange(keys.alerts, after, '+', 'COUNT', PAGE_ENTRIES + 1),
    );
    const isThere = found[0]?.[0] === after;
    const entries = (isThere ? found.slice(1) : found).map(([id, fields]) => ({ id, fields }));
    const isFull = found.length > PAGE_ENTRIES;
    if (isThere || entries.length === 0) return { partition, entries, hasGap: false, isFull };
    if (after !== BEFORE_ALL) return { partition, entries, hasGap: true, isFull };
    const hasGap = await this.#wasTrimmed(keys);
    // Redis was emptied in between: what is missing there comes again.
    if (hasGap === undefined) return { partition, entries: [], hasGap: false, isFull: false };
    return { partition, entries, hasGap, isFull };
  }

  /** Whether the stream once had more entries than now; undefined where there is none. */
  async #wasTrimmed({ alerts, counters }: PartitionKeys): Promise<boolean | undefined> {
    const counted = await this.#connection.run({ doing: `HGET ${counters}`, key: counters }, (client) =>
      client.hget(counters, 'alerts'),
    );
    try {
      const info = await this.#connection.run({ doing: `XINFO STREAM ${alerts}`, key: alerts }, (client) =>
        client.xinfo('STREAM', alerts),
      );
      // Redis 6.2 does not tell what was added: there the sink's count has to do, which a rebuild begins anew.
      const added = fieldOf(info, 'entries-added') ?? counted;
      return Number(added) > Number(fieldOf(info, 'length'));
    } catch (error) {
      if (replyOf(error).includes('no such key')) return undefined;
      throw error;
    }
  }
}

function fieldOf(info: unknown, field: string): unknown {
  const list = info as readonly unknown[];
  const at = list.indexOf(field);
  return at === -1 ? undefined : list[at + 1];
}

/** @throws {RedisCommandError} where the entry holds no alert of the version that is known here. */
export function parseEntry(partition: number, { id, fields }: AlertEntry): RedisAlert {
  const json = fields[fields.indexOf('alert') + 1] ?? '';
  const alert = parsed(json) as Partial<RedisAlert> | null;
  if (alert?.version !== 1) {
    throw new RedisCommandError(
      `alerts of partition ${partition}: entry ${id}: expected an alert of version 1, found ${json.slice(0, 80)}`,
    );
  }
  return alert as RedisAlert;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
