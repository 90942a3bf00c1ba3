import type { Topology } from '../../../graph/topology.ts';
import type { LogRecord } from '../../../records/record.ts';
import type { AnySinkConnector } from '../../sinks/bind-sinks.ts';
import type { KafkaCluster } from '../ports.ts';
import type { SinkEvent } from './sink-event.ts';

export interface KafkaSinksOptions {
  readonly topology: Topology;
  readonly cluster: KafkaCluster;
  /** Each sink reads in the group `<applicationId>-sink-<connector>`. */
  readonly applicationId: string;
  /** Connectors by the names that the topology's sinks have. A sink without one is left alone by this process. */
  readonly sinks: Readonly<Record<string, AnySinkConnector>>;
  /** A name that this process keeps over restarts: static membership (KIP-345). */
  readonly instanceId?: string;
  /** Put before the names of the topology's topics on the cluster, as the runtime does. Default: nothing. */
  readonly topicPrefix?: string;
  /** Of the topic that remembers since when topics are known. Default: the broker's. */
  readonly replicationFactor?: number;
  /** How many partitions of a sink may be written at the same time: so many batches are held in memory. Default 4. */
  readonly concurrency?: number;
  /** How often a sink that keeps marks is asked what it still holds. Default 5,000. */
  readonly markCheckMs?: number;
  /** How long a group waits for a process that says nothing. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** How long a group waits for everybody to come to a rebalance; a write may take half of it. Default 60,000. */
  readonly rebalanceTimeoutMs?: number;
  /** Default: a third of the session timeout. */
  readonly heartbeatIntervalMs?: number;
  /** How long `close` waits for the writes that are under way. Default 5,000. */
  readonly closeTimeoutMs?: number;
  /**
   * Called with records before they are decoded: fetch here what decoding needs, such as a schema. Undefined where
   * there is nothing to wait for.
   */
  readonly beforeDecode?: (records: readonly LogRecord[]) => Promise<void> | undefined;
  /** Hears what happens: assignments, failures and recoveries, what outside systems lose, records that were deleted too early. */
  readonly onEvent?: (event: SinkEvent) => void;
  /** The wall clock: a topic that nobody has seen before is dated by it. Default `Date.now`. */
  readonly now?: () => number;
}

const DEFAULT_CLOSE_TIMEOUT_MS = 5_000;

export function closeTimeoutOf({ closeTimeoutMs }: KafkaSinksOptions): number {
  return closeTimeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS;
}
