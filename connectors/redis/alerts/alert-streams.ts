import type { RedisAlert } from '../redis-alert.ts';
import type { RedisConnection } from '../redis-connection.ts';
import { RedisCommandError } from '../redis-errors.ts';
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
    const hasGap =
      entries.length > 0 && !isThere && (after !== BEFORE_ALL || (await this.#lacksEntries(keys)));
    return { partition, entries, hasGap, isFull: found.length > PAGE_ENTRIES };
  }

  /** Whether the stream has fewer entries than the sink has counted alerts. */
  async #lacksEntries({ alerts, counters }: PartitionKeys): Promise<boolean> {
    const call = { doing: `XLEN ${alerts}`, key: alerts };
    const results = await this.#connection.run(call, (client) =>
      client.multi().hget(counters, 'alerts').xlen(alerts).exec(),
    );
    const [counted, kept] = (results ?? []).map(([error, reply]) => {
      if (error !== null) throw new RedisCommandError(`XLEN ${alerts}: ${error.message}`);
      return Number(reply);
    });
    return (counted ?? 0) > (kept ?? 0);
  }
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
