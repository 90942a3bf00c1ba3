import {
  ConfigResourceTypes,
  createTopicsV7,
  deleteRecordsV2,
  describeConfigsV4,
  ProtocolError,
} from '@platformatic/kafka';
import type {
  KafkaAdmin,
  NewTopic,
  OffsetRange,
  TopicFacts,
  TopicPartition,
} from '@incident-streams/streams/kafka';
import { asRefusal, protocolErrorOf } from './broker-errors.ts';
import type { BrokerRequests } from './broker-requests.ts';
import { offsetRange } from './offset-range.ts';
import { nameOf } from './partition-name.ts';
import { retrying } from './retrying.ts';

/**
 * What is asked of the cluster now and then. All of it is tried again while it may yet succeed.
 * Errors: `KafkaRefusedError` for what a broker will not do, `KafkaUnavailableError` when the time for it is over.
 */
export class BrokerAdmin implements KafkaAdmin {
  readonly #requests: BrokerRequests;
  readonly #giveUpAfterMs: number;

  constructor(
    requests: BrokerRequests,
    { giveUpAfterMs = 60_000 }: { readonly giveUpAfterMs?: number } = {},
  ) {
    this.#requests = requests;
    this.#giveUpAfterMs = giveUpAfterMs;
  }

  async describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>> {
    for (const name of names) this.#requests.forgetLeaders(name);
    const described = await Promise.all(
      names.map((name) => this.#try(`describing topic ${name}`, () => this.#describe(name))),
    );
    return new Map(described.flatMap((facts) => (facts ? [[facts.name, facts] as const] : [])));
  }

  async createTopics(topics: readonly NewTopic[]): Promise<void> {
    await Promise.all(topics.map((topic) => this.#create(topic)));
  }

  offsetRange(place: TopicPartition): Promise<OffsetRange> {
    return this.#tryAtLeader(`looking up the offsets of ${nameOf(place)}`, place, () =>
      offsetRange(this.#requests, place),
    );
  }

  async deleteRecords(place: TopicPartition, beforeOffset: number): Promise<void> {
    const { topic: name, partition: partitionIndex } = place;
    const topics = [{ name, partitions: [{ partitionIndex, offset: BigInt(beforeOffset) }] }];
    await this.#tryAtLeader(
      `deleting the records of ${nameOf(place)} before offset ${beforeOffset}`,
      place,
      async () => {
        const { nodeId } = await this.#requests.leader(place);
        return this.#requests.node(nodeId, deleteRecordsV2.api, topics, OPERATION_MS);
      },
    );
  }

  /** Undefined: there is no such topic. */
  async #describe(name: string): Promise<TopicFacts | undefined> {
    try {
      const [id, partitions] = await Promise.all([
        this.#requests.topicId(name),
        this.#requests.partitionsOf(name),
      ]);
      const configs = await this.#configsOf(name);
      return {
        name,
        id,
        partitions,
        cleanupPolicy: configs.get('cleanup.policy') ?? '',
        retentionMs: Number(configs.get('retention.ms') ?? -1),
        retentionBytes: Number(configs.get('retention.bytes') ?? -1),
      };
    } catch (error) {
      if (protocolErrorOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
      throw error;
    }
  }

  async #configsOf(topic: string): Promise<ReadonlyMap<string, string | null>> {
    const resource = {
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName: topic,
      configurationKeys: [...CONFIGS],
    };
    const answer = await this.#requests.any(describeConfigsV4.api, [resource], false, false);
    return new Map((answer.results[0]?.configs ?? []).map(({ name, value }) => [name, value ?? null]));
  }

  async #create({ name, partitions, replicationFactor, configs }: NewTopic): Promise<void> {
    const topic = {
      name,
      numPartitions: partitions,
      replicationFactor: replicationFactor ?? BROKERS_DEFAULT,
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    };
    await this.#try(`creating topic ${name}`, async () => {
      try {
        await this.#requests.any(createTopicsV7.api, [topic], OPERATION_MS, false);
      } catch (error) {
        if (protocolErrorOf(error) !== 'TOPIC_ALREADY_EXISTS') throw error;
      }
    });
    await this.#try(`waiting for the leaders of topic ${name}`, () => this.#allLeaders(name));
  }

  /** @throws LEADER_NOT_AVAILABLE while a partition has none */
  async #allLeaders(topic: string): Promise<void> {
    this.#requests.forgetLeaders(topic);
    const partitions = await this.#requests.partitionsOf(topic);
    if (partitions === 0) throw new ProtocolError('LEADER_NOT_AVAILABLE');
    for (let partition = 0; partition < partitions; partition += 1) {
      await this.#requests.leader({ topic, partition });
    }
  }

  #tryAtLeader<Result>(
    what: string,
    { topic }: TopicPartition,
    operation: () => Promise<Result>,
  ): Promise<Result> {
    return this.#try(what, operation, () => this.#requests.forgetLeaders(topic));
  }

  async #try<Result>(what: string, operation: () => Promise<Result>, onRetry?: () => void): Promise<Result> {
    try {
      return await retrying(what, operation, {
        giveUpAfterMs: this.#giveUpAfterMs,
        ...(onRetry && { onRetry }),
      });
    } catch (error) {
      throw asRefusal(what, error);
    }
  }
}

const CONFIGS = ['cleanup.policy', 'retention.ms', 'retention.bytes'];
const BROKERS_DEFAULT = -1;
/** How long the brokers may take for an operation in which several have to take part. */
const OPERATION_MS = 15_000;
