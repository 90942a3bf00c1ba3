import type { ChainableCommander, Redis } from 'ioredis';
import type { RedisConnection } from '../../../../connectors/redis/redis-connection.ts';
import type { PartitionKeys } from '../../../../connectors/redis/redis-keys.ts';
import { CannotCheckError } from '../../errors.ts';

/** How far a partition has been applied. */
export interface Mark {
  /** Of the last transition applied; -1: none. */
  readonly offset: number;
  readonly topic: string | null;
  readonly topicEpoch: number | null;
  /** Whether what is shown is that of another offset: a snapshot is being written, or a restore is on its way. */
  readonly isBeingRestored: boolean;
}

/** What is read in one step, so that it is all as of one mark. */
export interface AtMark<T> {
  readonly mark: Mark;
  readonly value: T;
}

export interface Overview {
  readonly ids: readonly string[];
  /** By id. */
  readonly open: ReadonlyMap<string, string>;
  /** By service. */
  readonly services: ReadonlyMap<string, string>;
  readonly counters: ReadonlyMap<string, string>;
}

export interface StreamEntry {
  readonly id: string;
  readonly alert: string | null;
}

const SCAN_COUNT = 1_000;

/** One partition's keys in Redis, read only. */
export class RedisPartition {
  readonly keys: PartitionKeys;
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection, keys: PartitionKeys) {
    this.#connection = connection;
    this.keys = keys;
  }

  async mark(): Promise<Mark> {
    return (await this.#together(() => undefined)).mark;
  }

  async overview(): Promise<AtMark<Overview>> {
    const { ids, open, services, counters } = this.keys;
    const { mark, replies } = await this.#together((multi) =>
      multi
        .smembers(ids)
        .zrange(open, 0, '-1', 'WITHSCORES')
        .zrange(services, 0, '-1', 'WITHSCORES')
        .hgetall(counters),
    );
    const [members, scored, served, counted] = replies;
    const value = {
      ids: members as string[],
      open: pairsOf(scored),
      services: pairsOf(served),
      counters: pairsOf(counted),
    };
    return { mark, value };
  }

  /** An incident that has no hash comes as an empty one. */
  async hashes(ids: readonly string[]): Promise<AtMark<readonly ReadonlyMap<string, string>[]>> {
    const { mark, replies } = await this.#together((multi) => {
      for (const id of ids) multi.hgetall(this.keys.incident(id));
    });
    return { mark, value: replies.map(pairsOf) };
  }

  async openOf(services: readonly string[]): Promise<AtMark<readonly ReadonlyMap<string, string>[]>> {
    const { mark, replies } = await this.#together((multi) => {
      for (const service of services) multi.zrange(this.keys.openOf(service), 0, '-1', 'WITHSCORES');
    });
    return { mark, value: replies.map(pairsOf) };
  }

  async streamLength(): Promise<number> {
    return this.#run('XLEN', (client) => client.xlen(this.keys.alerts));
  }

  async streamEntries(fromId: string, toId: string, count: number): Promise<readonly StreamEntry[]> {
    const entries = await this.#run('XRANGE', (client) =>
      client.xrange(this.keys.alerts, fromId, toId, 'COUNT', count),
    );
    return entries.map(([id, fields]) => ({ id, alert: fields[fields.indexOf('alert') + 1] ?? null }));
  }

  /** Every key that begins as an incident's, or as a service's, does: what follows in its name. */
  async scan(): Promise<{ readonly ids: readonly string[]; readonly services: readonly string[] }> {
    const starts = { ids: this.keys.incident(''), services: this.keys.openOf('') };
    const found = { ids: new Set<string>(), services: new Set<string>() };
    const pattern = `${globEscaped(starts.ids.slice(0, -'incident:'.length))}*`;
    for (let cursor = ''; cursor !== '0';) {
      const [next, names] = await this.#run('SCAN', (client) =>
        client.scan(cursor === '' ? '0' : cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT),
      );
      cursor = next;
      for (const name of names)
        for (const kind of ['ids', 'services'] as const)
          if (name.startsWith(starts[kind])) found[kind].add(name.slice(starts[kind].length));
    }
    return { ids: [...found.ids], services: [...found.services] };
  }

  /** Everything in one transaction, and with it the mark. */
  async #together(
    add: (multi: ChainableCommander) => unknown,
  ): Promise<{ readonly mark: Mark; readonly replies: readonly unknown[] }> {
    const results = await this.#run('MULTI', (client) => {
      const multi = client.multi().hgetall(this.keys.applied);
      add(multi);
      return multi.exec();
    });
    const replies = (results ?? []).map(([error, reply]) => {
      if (error !== null) throw new CannotCheckError(`Redis, ${this.keys.applied}: ${error.message}`);
      return reply;
    });
    return { mark: markOf(pairsOf(replies[0])), replies: replies.slice(1) };
  }

  #run<T>(command: string, work: (client: Redis) => Promise<T>): Promise<T> {
    const key = this.keys.applied;
    return this.#connection.run({ doing: `${command} ${key}`, key }, work);
  }
}

function markOf(applied: ReadonlyMap<string, string>): Mark {
  const offsetIn = (field: string): number => Number(applied.get(field) ?? -1);
  const offset = offsetIn('offset');
  return {
    offset,
    topic: applied.get('topic') ?? null,
    topicEpoch: applied.has('topicEpoch') ? offsetIn('topicEpoch') : null,
    isBeingRestored:
      applied.has('snapshot') || offsetIn('stateOffset') > offset || offsetIn('rebuildTo') > offset,
  };
}

/** Of a hash, which comes as an object or as a list, or of a list of members and scores. */
function pairsOf(reply: unknown): ReadonlyMap<string, string> {
  if (!Array.isArray(reply)) return new Map(Object.entries(reply as Record<string, string>));
  const list = reply as string[];
  return new Map(
    Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i] ?? '', list[2 * i + 1] ?? '']),
  );
}

function globEscaped(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, (character) => `\\${character}`);
}
