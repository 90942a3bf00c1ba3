import type { Redis } from 'ioredis';
import type { Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { scoresOf } from './open-score.ts';
import { RedisConnection } from './redis-connection.ts';
import type { RedisConnectionOptions } from './redis-connection.ts';
import { RedisUsageError } from './redis-errors.ts';
import { RedisKeys } from './redis-keys.ts';
import type { PartitionKeys } from './redis-keys.ts';

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
  /** An incident that is not CLOSED yet, by its id. */
  incident(id: string): Promise<IncidentState | undefined>;
  /** The number of open incidents of each service that has any. */
  openByService(): Promise<ReadonlyMap<string, number>>;
  /** How many transitions were applied: `transitions`, `alerts`, and one count for each type of transition. */
  counters(): Promise<ReadonlyMap<string, number>>;
  close(): void;
}

export function createRedisIncidentReader(options: RedisIncidentReaderOptions): RedisIncidentReader {
  const keys = new RedisKeys(options.prefix);
  const connection = new RedisConnection(options);
  const ask: Ask = (key, command) => connection.run({ doing: 'read incidents', key }, command);
  const partitions = () => partitionsOf(ask, keys);
  return {
    openIncidents: async (query = {}) => readOpen(ask, await partitions(), query),
    incident: async (id) => readIncident(ask, await partitions(), id),
    openByService: async () => sumOf(await partitions(), (of) => readServices(ask, of)),
    counters: async () => sumOf(await partitions(), (of) => readCounters(ask, of)),
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

async function partitionsOf(ask: Ask, keys: RedisKeys): Promise<PartitionKeys[]> {
  const { meta } = keys;
  const count = Number((await ask(meta, (client) => client.hget(meta, 'partitions'))) ?? 0);
  return Array.from({ length: count }, (_, partition) => keys.partition(partition));
}

async function readOpen(
  ask: Ask,
  partitions: readonly PartitionKeys[],
  query: OpenIncidentsQuery,
): Promise<IncidentState[]> {
  const { limit = 100, severity, service } = query;
  if (!Number.isSafeInteger(limit) || limit < 0) throw new RedisUsageError(`limit ${limit}: not a count`);
  const { min, max } = severity === undefined ? { min: '-inf', max: '+inf' } : scoresOf(severity);
  const lists = partitions.map(async (keys) => {
    const key = service === undefined ? keys.open : keys.openOf(service);
    const list = await ask(key, (client) =>
      client.zrangebyscore(key, min, max, 'WITHSCORES', 'LIMIT', 0, limit),
    );
    return pairsOf(list).map(([id, score]) => ({ key: keys.incident(id), score: Number(score) }));
  });
  const found = (await Promise.all(lists)).flat().sort((a, b) => a.score - b.score);
  return readStates(
    ask,
    found.slice(0, limit).map(({ key }) => key),
  );
}

async function readIncident(
  ask: Ask,
  partitions: readonly PartitionKeys[],
  id: string,
): Promise<IncidentState | undefined> {
  const [state] = await readStates(
    ask,
    partitions.map((keys) => keys.incident(id)),
  );
  return state;
}

/** An incident that was closed since its key was looked up is left out. */
async function readStates(ask: Ask, keys: readonly string[]): Promise<IncidentState[]> {
  const states = await Promise.all(keys.map((key) => ask(key, (client) => client.hget(key, 'state'))));
  return states.filter((json) => json !== null).map((json) => JSON.parse(json) as IncidentState);
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
