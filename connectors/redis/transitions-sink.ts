import type { SinkBatch, SinkConnector, SinkSource } from '@incident-streams/streams';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { foldBatch } from './fold-batch.ts';
import type { TransitionRecord } from './fold-batch.ts';
import { RedisConnection } from './redis-connection.ts';
import type { RedisConnectionOptions } from './redis-connection.ts';
import {
  RedisCommandError,
  RedisDataLostError,
  RedisForbiddenError,
  RedisOtherTopicError,
  RedisUsageError,
} from './redis-errors.ts';
import { RedisKeys } from './redis-keys.ts';
import { applyBatch, claimPartition, SINK_SCRIPTS } from './redis-scripts.ts';

export interface RedisTransitionsSinkOptions extends RedisConnectionOptions {
  /** In front of every key and channel, to keep pipelines on one server apart. Default: nothing. */
  readonly prefix?: string;
  /** About how many alerts a partition's stream keeps. Default 100,000. */
  readonly maxStreamEntries?: number;
  /** A longer batch takes several script calls, each exact by itself, so that a call holds up other clients for some 20 ms at most. Default 1,000. */
  readonly maxRecordsPerScript?: number;
}

/**
 * Keeps the state of all incidents in Redis and publishes alerts there, each transition exactly once:
 *
 * 1. A script call changes everything it changes and moves the partition's mark, or does nothing.
 * 2. Records at or below the mark change nothing, so a batch may come any number of times, cut in any way.
 * 3. The mark belongs to a topic's epoch: keys of an earlier topic of that name are emptied when it is opened.
 * 4. Redis going back behind what it had confirmed is noticed at the next write (`REDIS_DATA_LOST`); what is
 *    missing then comes as `restore` batches, which publish nothing.
 */
export function createRedisTransitionsSink(
  options: RedisTransitionsSinkOptions,
): SinkConnector<string, IncidentTransition> {
  return new RedisTransitionsSink(options);
}

class RedisTransitionsSink implements SinkConnector<string, IncidentTransition> {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #maxStreamEntries: number;
  readonly #maxRecordsPerScript: number;
  /** By partition: the offset that Redis has confirmed to this sink. */
  readonly #confirmed = new Map<number, number>();
  #source: SinkSource | undefined;

  constructor(options: RedisTransitionsSinkOptions) {
    this.#keys = new RedisKeys(options.prefix);
    this.#maxStreamEntries = options.maxStreamEntries ?? 100_000;
    this.#maxRecordsPerScript = options.maxRecordsPerScript ?? 1_000;
    this.#connection = new RedisConnection(options, SINK_SCRIPTS);
  }

  async open(source: SinkSource): Promise<void> {
    if (!Number.isSafeInteger(source.topicEpoch) || source.topicEpoch <= 0) {
      throw new RedisUsageError(`${source.topic}: topicEpoch ${source.topicEpoch} is not a time after 1970`);
    }
    const before = await this.#connection.run(
      { doing: `HGET ${this.#keys.meta}`, key: this.#keys.meta },
      (client) => client.hget(this.#keys.meta, 'partitions'),
    );
    const partitions = Math.max(source.partitions, Number(before ?? 0));
    for (let partition = 0; partition < partitions; partition++) await this.#claim(source, partition);
    await this.#describe(source);
    this.#source = source;
  }

  /** Asked again after `REDIS_DATA_LOST`, it also prepares a server that was emptied. */
  async appliedOffset(partition: number): Promise<number> {
    const source = this.#opened();
    const applied = await this.#claim(source, partition);
    await this.#describe(source);
    return applied;
  }

  async write(batch: SinkBatch<string, IncidentTransition>): Promise<void> {
    const source = this.#opened();
    if (batch.topic !== source.topic) {
      throw new RedisUsageError(`batch of topic ${batch.topic} given to the sink of topic ${source.topic}`);
    }
    const step = this.#maxRecordsPerScript;
    for (let from = 0; from === 0 || from < batch.records.length; from += step) {
      const records = batch.records.slice(from, from + step);
      const isLast = from + step >= batch.records.length;
      const lastOffset = isLast ? batch.lastOffset : (records.at(-1)?.offset ?? batch.lastOffset);
      await this.#apply(source, batch, records, lastOffset);
    }
  }

  close(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }

  #opened(): SinkSource {
    if (this.#source === undefined) throw new RedisUsageError('the Redis sink is used before it is opened');
    return this.#source;
  }

  /** Makes the partition's keys belong to the topic and learns its mark. */
  async #claim(source: SinkSource, partition: number): Promise<number> {
    const keys = this.#keys.partition(partition);
    const { topic, topicEpoch } = source;
    const args = [topic, String(topicEpoch), keys.incident(''), keys.openOf(''), this.#keys.alertChannel];
    const [outcome, detail, epoch] = await this.#connection.run(
      { doing: `EVALSHA claim ${keys.applied}`, key: keys.applied },
      (client) => claimPartition(client, keys.fixed, args),
    );
    if (outcome === 'DENIED') throw new RedisForbiddenError(`PUBLISH ${detail}: the Redis user may not`);
    if (outcome === 'OTHER')
      throw otherTopic(keys.applied, source, `${detail} created at ${describeTime(epoch)}`);
    const applied = Number(detail);
    this.#confirmed.set(partition, applied);
    return applied;
  }

  /** Tells readers how many partitions there are. */
  async #describe({ topic, topicEpoch, partitions }: SinkSource): Promise<void> {
    await this.#connection.run({ doing: `HSET ${this.#keys.meta}`, key: this.#keys.meta }, (client) =>
      client.hset(this.#keys.meta, { topic, topicEpoch, partitions }),
    );
  }

  /** Applies what lies above the mark; a second round is needed only where the mark lies inside the batch. */
  async #apply(
    source: SinkSource,
    batch: SinkBatch<string, IncidentTransition>,
    records: readonly TransitionRecord[],
    lastOffset: number,
  ): Promise<void> {
    const { partition } = batch;
    let applied = this.#confirmed.get(partition) ?? -1;
    for (;;) {
      const rest = applied < batch.firstOffset ? records : records.filter(({ offset }) => offset > applied);
      const firstOffset = Math.max(rest[0]?.offset ?? lastOffset, applied + 1);
      const [outcome, detail] = await this.#send(source, batch, rest, firstOffset, lastOffset);
      if (outcome === 'OTHER') {
        throw otherTopic(
          this.#keys.partition(partition).applied,
          source,
          `a topic created at ${describeTime(detail)}`,
        );
      }
      if (outcome === 'LOST')
        throw lost(source, partition, Number(detail), this.#confirmed.get(partition) ?? -1);
      applied = Number(detail);
      this.#confirmed.set(partition, applied);
      if (outcome === 'APPLIED') return;
      if (outcome !== 'REFOLD') throw new RedisCommandError(`EVALSHA apply: unexpected answer ${outcome}`);
    }
  }

  #send(
    source: SinkSource,
    batch: SinkBatch<string, IncidentTransition>,
    records: readonly TransitionRecord[],
    firstOffset: number,
    lastOffset: number,
  ) {
    const { partition, mode } = batch;
    const keys = this.#keys.partition(partition);
    const folded = foldBatch(records, { keys, partition, topicEpoch: source.topicEpoch });
    const header = [
      source.topicEpoch,
      firstOffset,
      lastOffset,
      this.#confirmed.get(partition) ?? -1,
      mode,
      this.#maxStreamEntries,
      this.#keys.alertChannel,
      Buffer.byteLength(keys.incident('')) + 1,
      ...folded.counts,
    ].map(String);
    return this.#connection.run({ doing: `EVALSHA apply ${keys.applied}`, key: keys.applied }, (client) =>
      applyBatch(client, folded.keys, header.concat(folded.args)),
    );
  }
}

function otherTopic(key: string, source: SinkSource, holder: string): RedisOtherTopicError {
  return new RedisOtherTopicError(
    `${key} belongs to ${holder}, not to ${source.topic} created at ${describeTime(source.topicEpoch)}: ` +
      'give each pipeline its own prefix, or delete the keys of the one that is gone',
  );
}

function lost(source: SinkSource, partition: number, applied: number, confirmed: number): RedisDataLostError {
  return new RedisDataLostError(
    `${source.topic}[${partition}]: Redis holds offsets up to ${applied}, but had confirmed ${confirmed}: ` +
      'it lost writes, restore them from there',
  );
}

function describeTime(epochMs: string | number | undefined): string {
  const time = new Date(Number(epochMs));
  return Number.isNaN(time.getTime()) ? String(epochMs) : time.toISOString();
}
