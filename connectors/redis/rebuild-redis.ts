import { setTimeout as sleep } from 'node:timers/promises';
import { RedisConnection } from './redis-connection.ts';
import type { RedisConnectionOptions, RedisLink } from './redis-connection.ts';
import { RedisUsageError } from './redis-errors.ts';
import { RedisKeys } from './redis-keys.ts';
import { REDIS_SCRIPTS, runScript } from './redis-scripts.ts';

const POLL_MS = 250;
/** A sink looks at its mark every few seconds, and after a failure within some ten. */
const UNATTENDED_MS = 30_000;

export interface RedisRebuildOptions extends RedisConnectionOptions {
  /** The prefix that the sink was given. */
  readonly prefix?: string;
  /** Default: all of them. */
  readonly partition?: number;
  /** How long to wait for the sink, in milliseconds. Default 600,000. */
  readonly waitMs?: number;
  /** Called whenever something has changed, at most four times a second. */
  readonly onProgress?: (partitions: readonly PartitionRebuild[]) => void;
}

export interface PartitionRebuild {
  readonly partition: number;
  /** The offset of the transitions topic up to which the partition is there again, -1 at first. */
  readonly applied: number;
  /** Where it was before. */
  readonly target: number;
  /** Incidents of the snapshot that were saved; undefined while none is being written. */
  readonly snapshotSaved: number | undefined;
}

export interface RedisRebuildResult {
  /**
   * `unattended`: for half a minute no sink has begun; `unfinished`: one had, and the time was over. Either way the request stays:
   * a sink that works on it goes on, one that starts later begins.
   */
  readonly outcome: 'rebuilt' | 'unfinished' | 'unattended';
  readonly partitions: readonly PartitionRebuild[];
  /** Whose sink it is that has to do it: those of others are refused. */
  readonly owner: RedisOwner;
}

/** What the sink has written down of itself. */
export interface RedisOwner {
  /** The key that says so. */
  readonly meta: string;
  /** Undefined where it gave itself no name. */
  readonly pipeline: string | undefined;
  readonly topic: string;
  /** When the application first saw the topic, in ms since 1970. */
  readonly topicEpoch: number;
}

/**
 * Has Redis' content made anew from the topics, while the pipeline runs: takes the partitions' marks back to nothing, and
 * waits until the sink has brought them where they were. What is shown stays until it is replaced, and nothing is published
 * again; the counters begin again with the oldest transition that the topic still has.
 *
 * @throws {RedisUsageError} where no sink has ever written under the prefix, or not to the partition.
 */
export async function rebuildRedis(options: RedisRebuildOptions): Promise<RedisRebuildResult> {
  const { onProgress = () => undefined, waitMs = 600_000 } = options;
  const connection = new RedisConnection(options, REDIS_SCRIPTS);
  const keys = new RedisKeys(options.prefix);
  try {
    const begun: PartitionState[] = [];
    const { owner, partitionCount } = await readMeta(connection, keys);
    for (const partition of partitionsOf(partitionCount, options.partition))
      begun.push(await begin(connection, keys, partition));
    return { ...(await follow({ connection, keys, begun, onProgress, waitMs })), owner };
  } finally {
    connection.close();
  }
}

interface PartitionState extends PartitionRebuild {
  /** Of the attempt to write a snapshot that is under way. */
  readonly token: string | null;
}

interface Following {
  readonly connection: RedisLink;
  readonly keys: RedisKeys;
  readonly begun: readonly PartitionState[];
  readonly onProgress: (partitions: readonly PartitionRebuild[]) => void;
  readonly waitMs: number;
}

async function follow({
  connection,
  keys,
  begun,
  onProgress,
  waitMs,
}: Following): Promise<Omit<RedisRebuildResult, 'owner'>> {
  const startedMs = performance.now();
  let partitions = begun;
  let isAttended = false;
  onProgress(partitions.map(shown));
  for (;;) {
    if (partitions.every(isDone)) return { outcome: 'rebuilt', partitions: partitions.map(shown) };
    const waitedMs = performance.now() - startedMs;
    if (waitedMs >= waitMs || (!isAttended && waitedMs >= UNATTENDED_MS))
      return { outcome: isAttended ? 'unfinished' : 'unattended', partitions: partitions.map(shown) };
    await sleep(Math.min(POLL_MS, waitMs - waitedMs));
    const before = partitions;
    partitions = await Promise.all(before.map((state) => look(connection, keys, state)));
    if (!partitions.some((state, i) => isDifferent(state, before[i]))) continue;
    isAttended = true;
    onProgress(partitions.map(shown));
  }
}

async function readMeta(
  connection: RedisLink,
  { meta }: RedisKeys,
): Promise<{ readonly owner: RedisOwner; readonly partitionCount: number }> {
  const [count, pipeline, topic, topicEpoch] = await connection.run(
    { doing: `HMGET ${meta}`, key: meta },
    (client) => client.hmget(meta, 'partitions', 'pipeline', 'topic', 'topicEpoch'),
  );
  if (count === null || count === undefined)
    throw new RedisUsageError(`${meta}: there is no such key, so no sink has written here`);
  const owner = {
    meta,
    pipeline: pipeline ?? undefined,
    topic: topic ?? '',
    topicEpoch: Number(topicEpoch ?? 0),
  };
  return { owner, partitionCount: Number(count) };
}

function partitionsOf(count: number, wanted: number | undefined): number[] {
  const all = Array.from({ length: count }, (_, partition) => partition);
  if (wanted === undefined) return all;
  if (all.includes(wanted)) return [wanted];
  throw new RedisUsageError(`partition ${wanted}: there are partitions 0 to ${count - 1}`);
}

async function begin(connection: RedisLink, keys: RedisKeys, partition: number): Promise<PartitionState> {
  const { applied, counters } = keys.partition(partition);
  const [outcome, target] = await runScript(connection, 'beginRebuild', [applied, counters], []);
  if (outcome === 'NONE')
    throw new RedisUsageError(`${applied}: there is no such key, so no sink has written here`);
  return look(connection, keys, { partition, target: Number(target) });
}

async function look(
  connection: RedisLink,
  keys: RedisKeys,
  { partition, target }: { readonly partition: number; readonly target: number },
): Promise<PartitionState> {
  const { applied } = keys.partition(partition);
  const [offset, token = null, saved] = await connection.run(
    { doing: `HMGET ${applied}`, key: applied },
    (client) => client.hmget(applied, 'offset', 'snapshot', 'snapshotSaved'),
  );
  const snapshotSaved = token === null ? undefined : Number(saved ?? 0);
  return { partition, applied: Number(offset ?? -1), target, snapshotSaved, token };
}

function isDone({ applied, target }: PartitionRebuild): boolean {
  return applied >= target;
}

function isDifferent(now: PartitionState, before: PartitionState | undefined): boolean {
  return (
    now.applied !== before?.applied ||
    now.token !== before.token ||
    now.snapshotSaved !== before.snapshotSaved
  );
}

function shown({ partition, applied, target, snapshotSaved }: PartitionState): PartitionRebuild {
  return { partition, applied, target, snapshotSaved };
}
