import type { LogRecord, OutgoingRecord } from '../../records/record.ts';

/** What the Kafka runtime needs of a client library. `connectors/kafka` implements it; nothing here knows how. */
export interface KafkaCluster {
  readonly admin: KafkaAdmin;
  /** Makes a member of a consumer group; nothing happens before its `join`. */
  groupMember(options: GroupMemberOptions): GroupMember;
  /**
   * Initialises a producer under a transactional id. When it resolves, whatever an earlier producer of that id left
   * open has been ended, and that producer can do nothing any more.
   */
  transactionalProducer(options: TransactionalProducerOptions): Promise<TransactionalProducer>;
  /** An idempotent producer without transactions. */
  producer(): Promise<PlainProducer>;
  reader(options: ReaderOptions): PartitionReader;
  /** Closes every connection. Members and producers are closed by those who made them. */
  close(): Promise<void>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicFacts {
  readonly name: string;
  /** Kafka's own id of the topic (KIP-516), as text: a topic made anew under the same name has another one. */
  readonly id: string;
  readonly partitions: number;
  /** `cleanup.policy`: "delete", "compact" or "compact,delete". */
  readonly cleanupPolicy: string;
  /** `retention.ms`; -1 keeps everything. */
  readonly retentionMs: number;
  /** `retention.bytes` of a partition; -1 does not limit. */
  readonly retentionBytes: number;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  /** Undefined: the broker's default. */
  readonly replicationFactor?: number;
  readonly configs: Readonly<Record<string, string>>;
}

export interface OffsetRange {
  /** The first offset that the broker still holds. */
  readonly start: number;
  /** The last stable offset: everything before it is decided, and a reader of committed records gets up to there. */
  readonly end: number;
  /** Beyond `end` while a transaction is open, or was committed a moment ago: its markers follow the answer. */
  readonly highWatermark: number;
}

export interface KafkaAdmin {
  /** By name; a topic that does not exist is missing in the map. */
  describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>>;
  /** Resolves when every partition has a leader. A topic that another process has just created is no error. */
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  offsetRange(place: TopicPartition): Promise<OffsetRange>;
  /** Deletes what lies before the offset. */
  deleteRecords(place: TopicPartition, beforeOffset: number): Promise<void>;
}

export interface GroupMemberOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** `group.instance.id` (KIP-345): who comes back under it within the session timeout gets its tasks back in peace. */
  readonly instanceId?: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Run on the member that the group has elected: what everybody has said of itself → what everybody gets. */
  readonly assign: (members: readonly MemberSubscription[]) => Promise<readonly MemberAssignment[]>;
  /** The group is being rebalanced: commit, then `join` again. */
  readonly onRebalance: () => void;
}

export interface MemberSubscription {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly userData: Uint8Array;
}

export interface MemberAssignment {
  readonly memberId: string;
  /** For tools that show who reads what. */
  readonly partitions: readonly TopicPartition[];
  readonly userData: Uint8Array;
}

/** Who commits: the broker refuses what a member of an older generation wants to commit (KIP-447). */
export interface GroupMetadata {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
  readonly instanceId: string | null;
}

export interface GroupMember {
  /**
   * Joins, or joins again; resolves with the user data that was assigned to this member. Retries until the group has
   * formed. Heartbeats are sent from then on. A membership that was lost is given up, and a new one begun.
   */
  join(userData: Uint8Array): Promise<Uint8Array>;
  /** @throws {KafkaFencedError} when there is no valid membership. */
  metadata(): GroupMetadata;
  /** Stable committed offsets (`require_stable`, KIP-447): waits for transactions that are being ended. */
  committed(places: readonly TopicPartition[]): Promise<readonly CommittedOffset[]>;
  /** Commits outside of a transaction. */
  commit(offsets: readonly CommittedOffset[]): Promise<void>;
  leave(): Promise<void>;
}

/** `offset` is that of the next record to read. A partition without a commit is left out of `committed`. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: number;
  /** At most 4,096 bytes, the broker's default limit. */
  readonly metadata: string;
}

export interface TransactionalProducerOptions {
  readonly transactionalId: string;
  /** How long the broker leaves a transaction open whose producer says nothing. */
  readonly transactionTimeoutMs: number;
}

/** A record with its partition decided. */
export interface PlacedRecord extends OutgoingRecord {
  readonly partition: number;
}

/**
 * A producer of transactions, one after the other: `send` as often as needed, then `commit`.
 * Calls are made one at a time. After any rejection the producer is good for nothing but `close`.
 */
export interface TransactionalProducer {
  /** Writes within the transaction, and begins one where none is open. Resolves when the brokers have the records. */
  send(records: readonly PlacedRecord[]): Promise<readonly WrittenRange[]>;
  /**
   * Adds the offsets to the transaction and commits it.
   * @throws {KafkaFencedError} when another producer or a newer generation has taken over: nothing was committed
   * @throws {KafkaOutcomeUnknownError} when it is not known whether it was
   */
  commit(offsets: readonly CommittedOffset[], group: GroupMetadata): Promise<void>;
  /** Ends the transaction that is open, if any, and lets go. Never rejects. */
  close(): Promise<void>;
}

/** Where a `send` has written: of each partition the offset after its last record. */
export interface WrittenRange extends TopicPartition {
  readonly endOffset: number;
}

export interface PlainProducer {
  /** Resolves when the brokers have the records, in order, each once. */
  send(records: readonly PlacedRecord[]): Promise<readonly WrittenRange[]>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** Called when something has arrived that can be taken. */
  readonly onArrival: () => void;
  /** How long a broker holds a request back that it has nothing for. Default 500. */
  readonly maxWaitMs?: number;
  /** How much of a partition is asked for at once. Default 1 MiB. */
  readonly maxPartitionBytes?: number;
}

/**
 * Reads partitions, committed records only. Of each partition at most two answers wait to be taken: a slow task is not
 * buried. Failures of brokers are retried for ever; `failure` says whether that is happening.
 */
export interface PartitionReader {
  /** Reads from the offset on; a partition that is being read begins anew there. */
  read(place: TopicPartition, fromOffset: number): void;
  stop(place: TopicPartition): void;
  /** What has arrived, in order; undefined when there is nothing. */
  take(place: TopicPartition): Arrival | undefined;
  /** The offset after the last committed record, as of the last answer; undefined before the first. */
  endOffset(place: TopicPartition): number | undefined;
  /** Why the last request failed, while requests fail. */
  failure(): string | undefined;
  close(): Promise<void>;
}

/**
 * `records`: consecutive committed ones; `nextOffset` lies behind them, and behind control records and aborted ones.
 * `out-of-range`: the offset asked for does not exist (any more); nothing is read until `read` is called again.
 */
export type Arrival =
  | { readonly type: 'records'; readonly records: readonly LogRecord[]; readonly nextOffset: number }
  | { readonly type: 'out-of-range'; readonly startOffset: number; readonly endOffset: number };
