import type { Redis } from 'ioredis';
import type { Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { scoresOf } from './open-score.ts';
import { fieldReader } from './read-fields.ts';
import type { HashField, ReadFields } from './read-fields.ts';
import { RedisConnection } from './redis-connection.ts';
import type { RedisConnectionOptions } from './redis-connection.ts';
import { RedisUsageError } from './redis-errors.ts';
import { RedisKeys } from './redis-keys.ts';
import type { PartitionKeys } from './redis-keys.ts';

const IDS_PER_CALL = 1_000;
/** Between steps whoever asks for one incident gets a turn. */
const STATES_PER_STEP = 200;

export interface RedisIncidentReaderOptions extends RedisConnectionOptions {
  /** The prefix that the sink was given. */
  readonly prefix?: string;
}

export interface OpenIncidentsQuery {
  /** At most so many. Default 100. */
  readonly limit?: number;
  readonly severity?: Severity;
  readonly service?: string;
}

/** Answers what is wrong now from what the sink keeps in Redis. Every call rejects with a coded error in bounded time. */
export interface RedisIncidentReader {
  /** Incidents that are OPEN or ACKNOWLEDGED: the worst severity first, within one the youngest first problem. */
  openIncidents(query?: OpenIncidentsQuery): Promise<IncidentState[]>;
  /**
   * Incidents of every status but CLOSED, at most `limit`: those that are open come first, the worst of them at the
   * front; the others follow in no order. `total`: how many there are. Reads them all in one call, in bounded steps.
   */
  keptIncidents(query: { readonly limit: number }): Promise<KeptIncidents>;
  /** How many are OPEN or ACKNOWLEDGED. */
  openCount(query?: Pick<OpenIncidentsQuery, 'service'>): Promise<number>;
  /** An incident that is not CLOSED yet, by its id: one round trip. */
  incident(id: string): Promise<IncidentState | undefined>;
  /** The number of open incidents of each service that has any. */
  openByService(): Promise<ReadonlyMap<string, number>>;
  /** How many transitions were applied: `transitions`, `alerts`, and one count for each type of transition. */
  counters(): Promise<ReadonlyMap<string, number>>;
  close(): void;
}

export interface KeptIncidents {
  readonly incidents: readonly IncidentState[];
  readonly total: number;
}

export function createRedisIncidentReader(options: RedisIncidentReaderOptions): RedisIncidentReader {
  const keys = new RedisKeys(options.prefix);
  const connection = new RedisConnection(options);
  const doing = 'read incidents';
  const ask: Ask = (key, command) => connection.run({ doing, key }, command);
  const read = fieldReader(connection, doing);
  const partitions = new KnownPartitions(read, keys);
  const sources = { ask, read };
  return {
    openIncidents: async (query = {}) => readOpen(sources, await partitions.all(), query),
    keptIncidents: async ({ limit }) => readKept(sources, await partitions.all(), countOf(limit)),
    openCount: async ({ service } = {}) => {
      const sets = (await partitions.all()).map((of) =>
        service === undefined ? of.open : of.openOf(service),
      );
      return sum(await Promise.all(sets.map((key) => ask(key, (client) => client.zcard(key)))));
    },
    incident: (id) => partitions.incident(id),
    openByService: async () => sumOf(await partitions.all(), (of) => readServices(ask, of)),
    counters: async () => sumOf(await partitions.all(), (of) => readCounters(ask, of)),
    close: () => connection.close(),
  };
}

/**
 * Sends a command that reads one key. Each goes its own way, for partitions may lie on different nodes, and those of
 * one partition too while its slot moves; what is asked without waiting in between shares its round trip all the same.
 */
type Ask = <T>(key: string, command: (client: Redis) => Promise<T>) => Promise<T>;

/** A number by name. */
type Numbers = readonly (readonly [name: string, value: string])[];

async function readServices(ask: Ask, { services }: PartitionKeys): Promise<Numbers> {
  return pairsOf(await ask(services, (client) => client.zrange(services, 0, '-1', 'WITHSCORES')));
}

async function readCounters(ask: Ask, { counters }: PartitionKeys): Promise<Numbers> {
  return Object.entries(await ask(counters, (client) => client.hgetall(counters)));
}

interface Sources {
  readonly ask: Ask;
  readonly read: ReadFields;
}

/** The partitions that the sink writes. Their number changes only where the topic is made anew. */
class KnownPartitions {
  readonly #read: ReadFields;
  readonly #keys: RedisKeys;
  #latest: readonly PartitionKeys[] = [];

  constructor(read: ReadFields, keys: RedisKeys) {
    this.#read = read;
    this.#keys = keys;
  }

  async all(): Promise<readonly PartitionKeys[]> {
    const [count = null] = await this.#read([this.#count]);
    return this.#asMany(count);
  }

  /** All are asked at once, for an id does not tell its partition, and so is whether there are others by now. */
  async incident(id: string): Promise<IncidentState | undefined> {
    const asked = this.#latest;
    const [count = null, ...states] = await this.#read([this.#count, ...stateFields(asked, id)]);
    const all = this.#asMany(count);
    if (all === asked) return firstIn(states);
    return firstIn(states) ?? firstIn(await this.#read(stateFields(all, id)));
  }

  get #count(): HashField {
    return { key: this.#keys.meta, field: 'partitions' };
  }

  #asMany(count: string | null): readonly PartitionKeys[] {
    const length = Number(count ?? 0);
    if (length !== this.#latest.length)
      this.#latest = Array.from({ length }, (_, partition) => this.#keys.partition(partition));
    return this.#latest;
  }
}

function stateFields(partitions: readonly PartitionKeys[], id: string): HashField[] {
  return partitions.map((keys) => ({ key: keys.incident(id), field: 'state' }));
}

function firstIn(states: readonly (string | null)[]): IncidentState | undefined {
  const found = states.find((state) => state !== null);
  return found === undefined || found === null ? undefined : (JSON.parse(found) as IncidentState);
}

async function readOpen(
  { ask, read }: Sources,
  partitions: readonly PartitionKeys[],
  query: OpenIncidentsQuery,
): Promise<IncidentState[]> {
  const { severity, service } = query;
  const limit = countOf(query.limit ?? 100);
  const { min, max } = severity === undefined ? { min: '-inf', max: '+inf' } : scoresOf(severity);
  const lists = partitions.map(async (keys) => {
    const key = service === undefined ? keys.open : keys.openOf(service);
    const list = await ask(key, (client) =>
      client.zrangebyscore(key, min, max, 'WITHSCORES', 'LIMIT', 0, limit),
    );
    return pairsOf(list).map(([id, score]) => ({ id, keys, score: Number(score) }));
  });
  const found = (await Promise.all(lists)).flat().sort((a, b) => a.score - b.score || (a.id < b.id ? -1 : 1));
  return readStates(read, found.slice(0, limit));
}

/** Those that are open are looked up by their order, so that none of them is left out for one that is not. */
async function readKept(
  { ask, read }: Sources,
  partitions: readonly PartitionKeys[],
  limit: number,
): Promise<KeptIncidents> {
  const open = await readOpen({ ask, read }, partitions, { limit });
  const counts = await Promise.all(partitions.map(({ ids }) => ask(ids, (client) => client.scard(ids))));
  const others: PlacedId[] = [];
  const shown = new Set(open.map(({ incidentId }) => incidentId));
  for (const keys of partitions) {
    for await (const id of idsIn(ask, keys)) {
      if (shown.size >= limit) break;
      if (shown.has(id)) continue;
      shown.add(id);
      others.push({ id, keys });
    }
  }
  return { incidents: [...open, ...(await readStates(read, others))], total: sum(counts) };
}

/** Every id that is in the set from beginning to end, and perhaps some that come or go meanwhile; perhaps twice. */
async function* idsIn(ask: Ask, { ids }: PartitionKeys): AsyncGenerator<string> {
  let cursor = '0';
  do {
    const from = cursor;
    const [next, found] = await ask(ids, (client) => client.sscan(ids, from, 'COUNT', IDS_PER_CALL));
    yield* found;
    cursor = next;
  } while (cursor !== '0');
}

interface PlacedId {
  readonly id: string;
  readonly keys: PartitionKeys;
}

/** In the order of the ids. An incident that was closed since its id was looked up is left out. */
async function readStates(read: ReadFields, found: readonly PlacedId[]): Promise<IncidentState[]> {
  const states: IncidentState[] = [];
  for (let from = 0; from < found.length; from += STATES_PER_STEP) {
    const step = found.slice(from, from + STATES_PER_STEP);
    const answers = await read(step.map(({ id, keys }) => ({ key: keys.incident(id), field: 'state' })));
    for (const json of answers) if (json !== null) states.push(JSON.parse(json) as IncidentState);
  }
  return states;
}

function countOf(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 0) throw new RedisUsageError(`limit ${limit}: not a count`);
  return limit;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

async function sumOf(
  partitions: readonly PartitionKeys[],
  read: (keys: PartitionKeys) => Promise<Numbers>,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  for (const numbers of await Promise.all(partitions.map(read))) {
    for (const [name, value] of numbers) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
}

function pairsOf(list: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < list.length; i += 2) pairs.push([list[i] ?? '', list[i + 1] ?? '']);
  return pairs;
}
