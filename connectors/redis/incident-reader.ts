import type { ChainableCommander, Redis } from 'ioredis';
import type { Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { scoresOf } from './open-score.ts';
import { RedisConnection } from './redis-connection.ts';
import type { RedisConnectionOptions } from './redis-connection.ts';
import { errorOfReply, RedisUsageError } from './redis-errors.ts';
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
  const ask = <T>(work: (client: Redis, partitions: PartitionKeys[]) => Promise<T>) =>
    connection.run({ doing: 'read incidents', key: keys.meta }, async (client) =>
      work(client, await partitionsOf(client, keys)),
    );
  return {
    openIncidents: (query = {}) => ask((client, partitions) => readOpen(client, partitions, query)),
    incident: (id) => ask((client, partitions) => readIncident(client, partitions, id)),
    openByService: () => ask((client, partitions) => sumOf(client, partitions, readServices)),
    counters: () => ask((client, partitions) => sumOf(client, partitions, readCounters)),
    close: () => connection.close(),
  };
}

/** Reads one list of strings in each partition, in one round trip. */
type ListCommand = (pipeline: ChainableCommander, keys: PartitionKeys) => void;

const readServices: ListCommand = (pipeline, keys) => pipeline.zrange(keys.services, 0, '-1', 'WITHSCORES');
const readCounters: ListCommand = (pipeline, keys) => pipeline.hgetall(keys.counters);

async function partitionsOf(client: Redis, keys: RedisKeys): Promise<PartitionKeys[]> {
  const count = Number((await client.hget(keys.meta, 'partitions')) ?? 0);
  return Array.from({ length: count }, (_, partition) => keys.partition(partition));
}

async function readOpen(
  client: Redis,
  partitions: readonly PartitionKeys[],
  query: OpenIncidentsQuery,
): Promise<IncidentState[]> {
  const { limit = 100, severity, service } = query;
  if (!Number.isSafeInteger(limit) || limit < 0) throw new RedisUsageError(`limit ${limit}: not a count`);
  const { min, max } = severity === undefined ? { min: '-inf', max: '+inf' } : scoresOf(severity);
  const lists = await eachPartition(client, partitions, (pipeline, keys) => {
    const key = service === undefined ? keys.open : keys.openOf(service);
    pipeline.zrangebyscore(key, min, max, 'WITHSCORES', 'LIMIT', 0, limit);
  });
  const found = lists.flatMap((list, partition) =>
    pairsOf(list).map(([id, score]) => ({
      key: partitions[partition]?.incident(id) ?? '',
      score: Number(score),
    })),
  );
  found.sort((a, b) => a.score - b.score);
  return readStates(
    client,
    found.slice(0, limit).map(({ key }) => key),
  );
}

async function readIncident(
  client: Redis,
  partitions: readonly PartitionKeys[],
  id: string,
): Promise<IncidentState | undefined> {
  const [state] = await readStates(
    client,
    partitions.map((keys) => keys.incident(id)),
  );
  return state;
}

/** An incident that was closed since its key was looked up is left out. */
async function readStates(client: Redis, keys: readonly string[]): Promise<IncidentState[]> {
  const pipeline = client.pipeline();
  for (const key of keys) pipeline.hget(key, 'state');
  const states = (await replies(pipeline)) as (string | null)[];
  return states.filter((json) => json !== null).map((json) => JSON.parse(json) as IncidentState);
}

async function sumOf(
  client: Redis,
  partitions: readonly PartitionKeys[],
  command: ListCommand,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  for (const list of await eachPartition(client, partitions, command)) {
    for (const [name, value] of pairsOf(list)) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
}

async function eachPartition(
  client: Redis,
  partitions: readonly PartitionKeys[],
  command: ListCommand,
): Promise<string[][]> {
  const pipeline = client.pipeline();
  for (const keys of partitions) command(pipeline, keys);
  return (await replies(pipeline)).map((reply) => {
    if (Array.isArray(reply)) return reply as string[];
    return Object.entries(reply as Record<string, string>).flat();
  });
}

async function replies(pipeline: ChainableCommander): Promise<unknown[]> {
  if (pipeline.length === 0) return [];
  const results = (await pipeline.exec()) ?? [];
  return results.map(([error, reply]) => {
    if (error !== null)
      throw error.name === 'ReplyError' ? errorOfReply(error.message, 'read incidents') : error;
    return reply;
  });
}

function pairsOf(list: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < list.length; i += 2) pairs.push([list[i] ?? '', list[i + 1] ?? '']);
  return pairs;
}
