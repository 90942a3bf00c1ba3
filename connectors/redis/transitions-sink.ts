import type { SinkBatch, SinkConnector, SinkSource } from '@incident-streams/streams';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { claimForPipeline } from './pipeline-name.ts';
import { PartitionWriter } from './partition-writer.ts';
import { RedisConnection } from './redis-connection.ts';
import type { RedisConnectionOptions } from './redis-connection.ts';
import { RedisUsageError } from './redis-errors.ts';
import { RedisKeys } from './redis-keys.ts';
import { REDIS_SCRIPTS } from './redis-scripts.ts';
import type { IncidentSnapshot } from './write-snapshot.ts';

export interface RedisTransitionsSinkOptions extends RedisConnectionOptions {
  /** In front of every key and channel, to keep pipelines on one server apart. Default: nothing. */
  readonly prefix?: string;
  /** About how many alerts a partition's stream keeps. Default 100,000. */
  readonly maxStreamEntries?: number;
  /**
   * Who writes here. Kept with the keys: a sink of another name is refused with `REDIS_OTHER_PIPELINE`. Default: nobody is
   * asked, and of two pipelines the one whose topic is younger empties the keys of the other.
   */
  readonly pipeline?: string;
  /**
   * A longer batch, or a snapshot of more incidents, takes several script calls, so that a call holds up other clients for
   * some 20 ms at most. Default 1,000.
   */
  readonly maxRecordsPerScript?: number;
}

/**
 * Keeps the state of all incidents in Redis and publishes alerts there, each transition exactly once:
 *
 * 1. A script call changes everything it changes and moves the partition's mark, or does nothing.
 * 2. Records at or below the mark change nothing, so a batch may come any number of times, cut in any way.
 * 3. The mark belongs to a topic's epoch: keys of an earlier topic of that name are emptied when it is opened, unless
 *    another `pipeline` has written them.
 * 4. Redis going back behind what it had confirmed is noticed at the next write (`REDIS_DATA_LOST`); what is
 *    missing then comes as `restore` batches, which publish nothing.
 * 5. A snapshot replaces the state of a partition. Records up to its offset then only count, and append to the stream;
 *    later ones do not take an incident back behind the version that the snapshot had.
 */
export function createRedisTransitionsSink(
  options: RedisTransitionsSinkOptions,
): SinkConnector<string, IncidentTransition, IncidentState> {
  return new RedisTransitionsSink(options);
}

class RedisTransitionsSink implements SinkConnector<string, IncidentTransition, IncidentState> {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #pipeline: string | undefined;
  readonly #limits: { readonly maxStreamEntries: number; readonly maxRecordsPerScript: number };
  #opened: { readonly source: SinkSource; readonly writers: readonly PartitionWriter[] } | undefined;

  constructor(options: RedisTransitionsSinkOptions) {
    const { prefix, maxStreamEntries = 100_000, maxRecordsPerScript = 1_000 } = options;
    this.#keys = new RedisKeys(prefix);
    this.#pipeline = options.pipeline;
    this.#limits = { maxStreamEntries, maxRecordsPerScript };
    this.#connection = new RedisConnection(options, REDIS_SCRIPTS);
  }

  async open(source: SinkSource): Promise<void> {
    if (!Number.isSafeInteger(source.topicEpoch) || source.topicEpoch <= 0) {
      throw new RedisUsageError(`${source.topic}: topicEpoch ${source.topicEpoch} is not a time after 1970`);
    }
    const { meta } = this.#keys;
    const before = await this.#connection.run({ doing: `HGET ${meta}`, key: meta }, (client) =>
      client.hget(meta, 'partitions'),
    );
    await this.#claimForPipeline(source);
    const partitions = Math.max(source.partitions, Number(before ?? 0));
    const writers = Array.from({ length: partitions }, (_, partition) => this.#writerOf(source, partition));
    for (const writer of writers) await writer.claim();
    await this.#describe(source);
    this.#opened = { source, writers };
  }

  /** Asked again after `REDIS_DATA_LOST`, it also prepares a server that was emptied. */
  async appliedOffset(partition: number): Promise<number> {
    const source = this.#source();
    await this.#claimForPipeline(source);
    const applied = await this.#writer(partition).claim();
    await this.#describe(source);
    return applied;
  }

  async writeSnapshot(snapshot: IncidentSnapshot): Promise<void> {
    this.#checkTopic(snapshot.topic, 'a snapshot');
    await this.#writer(snapshot.partition).writeSnapshot(snapshot);
  }

  async write(batch: SinkBatch<string, IncidentTransition>): Promise<void> {
    this.#checkTopic(batch.topic, 'a batch');
    await this.#writer(batch.partition).write(batch);
  }

  close(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }

  #writerOf(source: SinkSource, partition: number): PartitionWriter {
    const keys = this.#keys.partition(partition);
    const { alertChannel } = this.#keys;
    return new PartitionWriter({
      link: this.#connection,
      source,
      partition,
      keys,
      alertChannel,
      ...this.#limits,
    });
  }

  #source(): SinkSource {
    if (this.#opened === undefined) throw new RedisUsageError('the Redis sink is used before it is opened');
    return this.#opened.source;
  }

  #writer(partition: number): PartitionWriter {
    const { topic, partitions } = this.#source();
    const writer = this.#opened?.writers[partition];
    if (writer === undefined)
      throw new RedisUsageError(`${topic}[${partition}]: the topic has ${partitions} partitions`);
    return writer;
  }

  #checkTopic(topic: string, what: string): void {
    const source = this.#source();
    if (topic !== source.topic)
      throw new RedisUsageError(`${what} of topic ${topic} given to the sink of topic ${source.topic}`);
  }

  /** Before anything of the keys' owner is emptied. */
  async #claimForPipeline(source: SinkSource): Promise<void> {
    const pipeline = this.#pipeline;
    if (pipeline === undefined) return;
    await claimForPipeline(this.#connection, this.#keys.meta, { pipeline, source });
  }

  /** Tells readers how many partitions there are. */
  async #describe({ topic, topicEpoch, partitions }: SinkSource): Promise<void> {
    const { meta } = this.#keys;
    await this.#connection.run({ doing: `HSET ${meta}`, key: meta }, (client) =>
      client.hset(meta, { topic, topicEpoch, partitions }),
    );
  }
}
