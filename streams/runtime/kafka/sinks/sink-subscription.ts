import type { BoundSink } from '../../sinks/bind-sinks.ts';
import type { DeadLetterTopic } from '../../sinks/dead-letters.ts';
import { SinkDelivery } from '../../sinks/sink-delivery.ts';
import type { SinkProgress } from '../../sinks/sink-progress.ts';
import { within } from '../../sinks/within.ts';
import { KafkaFencedError } from '../errors.ts';
import type { GroupMember, PartitionReader, TopicFacts } from '../ports.ts';
import { KafkaSinkLog } from './kafka-sink-log.ts';
import { KafkaSnapshotLog } from './kafka-snapshot-log.ts';
import { OffsetCommits } from './offset-commits.ts';
import type { KafkaSinksOptions } from './options.ts';
import type { DeletedRange, KafkaSinkStatus, SinkEvent } from './sink-event.ts';
import { assignPartitions, decodePartitions, encodeOwnership, OWNS_NOTHING } from './sink-group.ts';
import { decodeProgress, encodeProgress } from './sink-notes.ts';
import { untilAborted } from './until-aborted.ts';

const DEFAULT_SESSION_TIMEOUT_MS = 10_000;
const DEFAULT_REBALANCE_TIMEOUT_MS = 60_000;
const DEFAULT_CONCURRENCY = 4;
/** Two answers of a partition wait at most: together they make a large batch. */
const MAX_PARTITION_BYTES = 4 * 1024 * 1024;
/** Reading does not tell where the topic ends while the outside system is away. */
const LEARN_ENDS_EVERY_MS = 5_000;
const MAX_DELETED_KEPT = 100;

export interface SinkSubscriptionOptions {
  readonly bound: BoundSink;
  /** The topic as it is on the cluster. */
  readonly facts: TopicFacts;
  readonly topicEpoch: number;
  /** The table that the outside system is restored from, as it is on the cluster. */
  readonly snapshotTopic: string | undefined;
  readonly deadLetters: DeadLetterTopic | undefined;
  readonly options: KafkaSinksOptions;
}

/**
 * A sink's membership in its group. From one rebalance to the next it delivers the partitions that it was assigned.
 *
 * 1. The range of a batch is committed, as the metadata of the offset, before the connector gets it. The broker refuses
 *    that of a member that is not one any more, so whoever has been replaced begins nothing new.
 * 2. Whoever takes a partition over finds the range there, and delivers it again as it was.
 */
export class SinkSubscription {
  readonly #parts: SinkSubscriptionOptions;
  readonly #member: GroupMember;
  readonly #reader: PartitionReader;
  readonly #log: KafkaSinkLog;
  readonly #delivery: SinkDelivery;
  readonly #commits: OffsetCommits;
  readonly #rebalanceTimeoutMs: number;
  #owned = OWNS_NOTHING;
  #state: KafkaSinkStatus['state'] = 'starting';
  #rebalanceIsDue = Promise.withResolvers<void>();
  #deleted: readonly DeletedRange[] = [];

  constructor(parts: SinkSubscriptionOptions) {
    const { bound, facts, topicEpoch, snapshotTopic, deadLetters, options } = parts;
    const { connector: name, topic } = bound.binding;
    this.#parts = parts;
    this.#rebalanceTimeoutMs = options.rebalanceTimeoutMs ?? DEFAULT_REBALANCE_TIMEOUT_MS;
    const sessionTimeoutMs = options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS;
    this.#member = options.cluster.groupMember({
      groupId: `${options.applicationId}-sink-${name}`,
      topics: [facts.name],
      ...(options.instanceId === undefined ? {} : { instanceId: options.instanceId }),
      sessionTimeoutMs,
      rebalanceTimeoutMs: this.#rebalanceTimeoutMs,
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? Math.round(sessionTimeoutMs / 3),
      assign: (members) => Promise.resolve(assignPartitions(members, facts)),
      onRebalance: () => this.#rebalanceIsDue.resolve(),
    });
    this.#reader = options.cluster.reader({
      onArrival: () => this.#delivery.wake(),
      maxPartitionBytes: MAX_PARTITION_BYTES,
    });
    this.#log = new KafkaSinkLog({
      topic: facts.name,
      reader: this.#reader,
      startOf: async (place) => (await options.cluster.admin.offsetRange(place)).start,
      onDeleted: (range) => this.#onDeleted(range),
    });
    this.#commits = new OffsetCommits((offsets) => this.#member.commit(offsets));
    this.#delivery = new SinkDelivery({
      ...bound,
      source: { topic, partitions: facts.partitions, topicEpoch },
      deadLetters,
      markCheckMs: options.markCheckMs,
      snapshotLog:
        snapshotTopic === undefined ? undefined : new KafkaSnapshotLog(options.cluster, snapshotTopic),
      log: this.#log,
      store: { save: (partition, progress) => this.#save(partition, progress) },
      concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
      beforeDecode: options.beforeDecode,
      onEvent: (event) => this.#emit(event),
    });
    this.#delivery.start();
  }

  /** Joins the group, and takes over what it is assigned, each partition from where it stands. */
  async join(signal: AbortSignal): Promise<void> {
    this.#rebalanceIsDue = Promise.withResolvers();
    const userData = await untilAborted(this.#member.join(encodeOwnership(this.#owned)), signal);
    const partitions = decodePartitions(userData);
    this.#owned = { partitions, generation: this.#member.metadata().generationId };
    const progress = await untilAborted(this.#load(partitions), signal);
    this.#log.retain(new Set(partitions));
    this.#state = 'running';
    this.#delivery.assign(progress);
    this.#emit({ type: 'sink-assigned', connector: this.#name, partitions });
  }

  /** Delivers until there is a rebalance, and lets the writes under way come to their end before it. */
  async deliver(signal: AbortSignal): Promise<void> {
    const learning = setInterval(() => void this.#learnEnds(), LEARN_ENDS_EVERY_MS);
    void this.#learnEnds();
    try {
      await untilAborted(this.#rebalanceIsDue.promise, signal);
      this.#state = 'rebalancing';
      this.#emit({ type: 'sink-rebalancing', connector: this.#name });
      await this.#release(this.#rebalanceTimeoutMs / 2);
    } finally {
      clearInterval(learning);
    }
  }

  status(): KafkaSinkStatus {
    const status = this.#delivery.status();
    const state = this.#state === 'running' && !this.#delivery.isOpen ? 'starting' : this.#state;
    return {
      ...status,
      failure: status.failure ?? this.#reader.failure(),
      state,
      waitingFor: this.#waitingFor(),
      partitions: state === 'running' ? this.#owned.partitions : [],
      deleted: this.#deleted,
    };
  }

  /** Whether a delivery failed and has not succeeded since. */
  get isRetrying(): boolean {
    return this.#delivery.isRetrying;
  }

  async whenCaughtUp(): Promise<void> {
    const { facts } = this.#parts;
    const targets = await Promise.all(
      Array.from({ length: facts.partitions }, (_, partition) => this.#endOf(partition)),
    );
    await this.#delivery.whenReached(targets, () => this.#state === 'running');
  }

  /** Ends after the writes that are under way, or after so much time, and leaves the group. */
  async close(withinMs: number, reason: Error): Promise<void> {
    await this.#release(withinMs);
    await within(this.#delivery.stop(reason), withinMs);
    await within(
      this.#member.leave().catch(() => undefined),
      withinMs,
    );
    await this.#reader.close();
  }

  #waitingFor(): string | undefined {
    if (this.#state === 'rebalancing') return 'a rebalance of its consumer group';
    if (!this.#delivery.isOpen) return 'the outside system, which has not been opened yet';
    return this.#state === 'running' ? undefined : 'its consumer group';
  }

  async #release(withinMs: number): Promise<void> {
    const partitions = await this.#delivery.release(withinMs);
    if (partitions.length > 0) this.#emit({ type: 'sink-write-left', connector: this.#name, partitions });
  }

  async #load(partitions: readonly number[]): Promise<ReadonlyMap<number, SinkProgress | undefined>> {
    const progress = new Map<number, SinkProgress | undefined>(
      partitions.map((partition) => [partition, undefined]),
    );
    const { facts, topicEpoch } = this.#parts;
    const places = partitions.map((partition) => ({ topic: facts.name, partition }));
    const committed = places.length === 0 ? [] : await this.#member.committed(places);
    for (const offset of committed) progress.set(offset.partition, decodeProgress(offset, topicEpoch));
    return progress;
  }

  async #save(partition: number, progress: SinkProgress): Promise<void> {
    const { facts, topicEpoch } = this.#parts;
    try {
      await this.#commits.commit({ topic: facts.name, partition, ...encodeProgress(progress, topicEpoch) });
    } catch (error) {
      if (error instanceof KafkaFencedError) {
        this.#emit({ type: 'sink-fenced', connector: this.#name, reason: error.message });
        this.#rebalanceIsDue.resolve();
      }
      throw error;
    }
  }

  /** Only for the lag: where it fails, the next one will tell. */
  async #learnEnds(): Promise<void> {
    const learning = this.#owned.partitions.map(async (partition) =>
      this.#log.learnEnd(partition, await this.#endOf(partition)),
    );
    await Promise.allSettled(learning);
  }

  async #endOf(partition: number): Promise<number> {
    const { cluster } = this.#parts.options;
    return (await cluster.admin.offsetRange({ topic: this.#parts.facts.name, partition })).end;
  }

  #onDeleted(range: DeletedRange): void {
    this.#deleted = [...this.#deleted, range].slice(-MAX_DELETED_KEPT);
    this.#emit({ type: 'sink-records-deleted', connector: this.#name, ...range });
  }

  #emit(event: SinkEvent): void {
    this.#parts.options.onEvent?.(event);
  }

  get #name(): string {
    return this.#parts.bound.binding.connector;
  }
}
