import { MultipleErrors, parseBroker } from '@platformatic/kafka';
import type { API, Broker } from '@platformatic/kafka';
import type { TopicPartition } from '@incident-streams/streams/kafka';
import { isRetriable, protocolErrorOf } from './broker-errors.ts';
import { addressOf, BrokerConnections } from './broker-connections.ts';
import { ClusterMetadata } from './cluster-metadata.ts';
import type { CoordinatorKey, Leader } from './cluster-metadata.ts';
import { connectionSettings, DEFAULT_REQUEST_TIMEOUT_MS } from './connection-options.ts';
import type { KafkaConnectionOptions } from './connection-options.ts';

export interface LaneOptions {
  /** How many requests of a connection may await their answers. Default 5, the most that keeps producing in order. */
  readonly maxInflight?: number;
  /** How long requests may ask the broker to hold them back (a fetch, a join). Answers may take that much longer. */
  readonly heldBackMs?: number;
}

/**
 * Requests to the brokers of a cluster. Nothing is retried here, see `retrying`; errors are those of the client
 * package, see `broker-errors.ts`.
 *
 * A broker answers the requests of one connection in order, so one that it holds back (a fetch, a join) delays all
 * behind it: such requests go over a `lane` of their own, which has its own connections and shares what is known of
 * the cluster.
 *
 * Versions of the protocol are chosen by hand, the newest that Kafka 3.1 (2022) has and 4.x still serves: 3.1 is the
 * first to identify a topic by its id when it is read, without which a topic that was deleted and made anew would
 * silently be read on. Asking each broker what it serves would cost a round trip a connection and gain nothing else.
 */
export class BrokerRequests {
  readonly #options: KafkaConnectionOptions;
  readonly #bootstrap: readonly Broker[];
  readonly #connections: BrokerConnections;
  readonly #metadata: ClusterMetadata;
  readonly #lanes = new Set<BrokerRequests>();
  /** Asked last: one that hangs would cost every question the whole time that a request may take. */
  #unreachable: Broker | undefined;
  readonly #onClose: (() => void) | undefined;

  /** Made with the options alone; the rest is for `lane`. */
  constructor(
    options: KafkaConnectionOptions,
    lane: LaneOptions = {},
    metadata?: ClusterMetadata,
    onClose?: () => void,
  ) {
    this.#onClose = onClose;
    this.#options = options;
    this.#bootstrap = options.brokers.map((broker) => parseBroker(broker));
    const requestTimeoutMs =
      (options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS) + (lane.heldBackMs ?? 0);
    const settings = connectionSettings(
      { ...options, requestTimeoutMs },
      lane.maxInflight ?? DEFAULT_MAX_INFLIGHT,
    );
    this.#connections = new BrokerConnections(options.clientId, settings);
    this.#metadata = metadata ?? new ClusterMetadata((api, ...args) => this.any(api, ...args));
  }

  /** Other connections to the same cluster. It may be closed by itself, and is closed with this. */
  lane(options: LaneOptions = {}): BrokerRequests {
    const lane = new BrokerRequests(this.#options, options, this.#metadata, () => this.#lanes.delete(lane));
    this.#lanes.add(lane);
    return lane;
  }

  /** To any broker that answers; those that are known first, then those of the options. */
  async any<Args extends unknown[], Response>(api: API<Args, Response>, ...args: Args): Promise<Response> {
    const failures: unknown[] = [];
    for (const broker of this.#candidates()) {
      try {
        return await this.#connections.ask(broker, api, ...args);
      } catch (error) {
        if (protocolErrorOf(error) !== undefined) throw error;
        failures.push(error);
        this.#unreachable = broker;
        if (!isRetriable(error)) break;
      }
    }
    if (failures.length === 1) throw failures[0];
    throw new MultipleErrors('No broker can be asked.', failures as Error[]);
  }

  /** To this very broker. */
  async node<Args extends unknown[], Response>(
    nodeId: number,
    api: API<Args, Response>,
    ...args: Args
  ): Promise<Response> {
    const broker = await this.#metadata.broker(nodeId);
    return this.#connections.ask(broker, api, ...args);
  }

  /** Who leads the partition, as far as is known; see `forgetLeaders`. */
  leader(place: TopicPartition): Promise<Leader> {
    return this.#metadata.leader(place);
  }

  async partitionsOf(topic: string): Promise<number> {
    return (await this.#metadata.topic(topic)).leaders.length;
  }

  /** The id that the topic has got when it was created; another topic of that name would have another. */
  async topicId(topic: string): Promise<string> {
    return (await this.#metadata.topic(topic)).id;
  }

  /** The id of the broker that looks after a group or a transactional id, as far as is known. */
  coordinator(wanted: CoordinatorKey): Promise<number> {
    return this.#metadata.coordinator(wanted);
  }

  /** To be called when a broker has said that it does not lead, or does not answer: it is asked for anew. */
  forgetLeaders(topic?: string): void {
    this.#metadata.forgetLeaders(topic);
  }

  forgetCoordinator(wanted: CoordinatorKey): void {
    this.#metadata.forgetCoordinator(wanted);
  }

  async close(): Promise<void> {
    this.#onClose?.();
    await Promise.all([this.#connections.close(), ...[...this.#lanes].map((lane) => lane.close())]);
  }

  #candidates(): readonly Broker[] {
    const byAddress = new Map<string, Broker>();
    for (const broker of [...this.#metadata.brokers(), ...this.#bootstrap])
      byAddress.set(addressOf(broker), broker);
    const last = this.#unreachable && addressOf(this.#unreachable);
    return [...byAddress]
      .sort(([a], [b]) => Number(a === last) - Number(b === last))
      .map(([, broker]) => broker);
  }
}

const DEFAULT_MAX_INFLIGHT = 5;
