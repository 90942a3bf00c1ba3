import type { Topology } from '../../graph/topology.ts';
import type { LogRecord, OutgoingRecord } from '../../records/record.ts';
import type { RuntimeEvent } from './runtime-event.ts';
import type { KafkaCluster } from './ports.ts';

/** `sent`: the brokers have the records of an open transaction; `committed`: it is committed; `applied`: here too. */
export type CommitStep = 'sent' | 'committed' | 'applied';

/** How a topic that does not exist is created, and what is checked where it does. */
export interface KafkaTopicOptions {
  readonly partitions?: number;
  readonly replicationFactor?: number;
  /** Topic configuration by Kafka's names, e.g. `{ 'cleanup.policy': 'compact' }`. */
  readonly configs?: Readonly<Record<string, string>>;
}

export interface KafkaRuntimeOptions {
  readonly topology: Topology;
  readonly cluster: KafkaCluster;
  /** Names the group; transactional ids, repartition and changelog topics begin with it. */
  readonly applicationId: string;
  /** Where stores are kept between starts, one folder a task. Without it they live in memory. */
  readonly stateDirectory?: string;
  /** A name that this process keeps over restarts: static membership (KIP-345). */
  readonly instanceId?: string;
  /** Default `exactly-once`. `at-least-once` is cheaper; after a crash records may be processed again. */
  readonly guarantee?: 'exactly-once' | 'at-least-once';
  /** Topics that are created if they are missing. Other topics have to exist, repartition and changelog topics aside. */
  readonly topics?: Readonly<Record<string, KafkaTopicOptions>>;
  /** Put before the names of the topology's topics on the cluster, e.g. `staging.`. Default: nothing. */
  readonly topicPrefix?: string;
  /** For topics that the runtime creates. Default: the broker's. */
  readonly replicationFactor?: number;
  /** How long a task may work before it commits. Default 100. */
  readonly commitIntervalMs?: number;
  /** Records in one commit, at most: long transactions delay everybody who reads. Default 20,000. */
  readonly maxCommitRecords?: number;
  /** How long the broker leaves a transaction of a process that has died open. Default 15,000. */
  readonly transactionTimeoutMs?: number;
  /** How long the group waits for a process that says nothing. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** How long the group waits for everybody to come to a rebalance. Default 60,000. */
  readonly rebalanceTimeoutMs?: number;
  /** Default: a third of the session timeout. */
  readonly heartbeatIntervalMs?: number;
  /** An output that must not wait for the commit interval, such as an alert. */
  readonly isUrgent?: (record: OutgoingRecord) => boolean;
  /**
   * Called with records before they are decoded: fetch here what decoding needs, such as a schema. Undefined where
   * there is nothing to wait for. It should not reject: records wait until it has resolved.
   */
  readonly beforeDecode?: (records: readonly LogRecord[]) => Promise<void> | undefined;
  /** Hears what happens: rebalances, restores, fencing, retries. */
  readonly onEvent?: (event: RuntimeEvent) => void;
  /** Hears of each step of each commit: what it does there happens in the middle of a transaction. */
  readonly onCommitStep?: (task: string, step: CommitStep) => void;
  /** The wall clock, for wall-clock punctuations. Default `Date.now`. */
  readonly now?: () => number;
}
