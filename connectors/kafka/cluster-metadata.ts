import { findCoordinatorV4, metadataV12, NetworkError, ProtocolError } from '@platformatic/kafka';
import type { API, Broker } from '@platformatic/kafka';
import type { TopicPartition } from '@incident-streams/streams/kafka';
import { protocolErrorOf } from './broker-errors.ts';

type MetadataResponse = metadataV12.MetadataResponse;

/** Who leads a partition. The epoch goes along with requests: a broker that knows a newer one refuses them. */
export interface Leader {
  readonly nodeId: number;
  readonly leaderEpoch: number;
}

export interface CoordinatorKey {
  readonly type: 'group' | 'transaction';
  /** The group's id, or the transactional id. */
  readonly key: string;
}

/** What the brokers have said of a topic. */
export interface TopicView {
  readonly id: string;
  /** By partition; undefined where there is no leader at the moment. */
  readonly leaders: readonly (Leader | undefined)[];
}

/** Asks any broker that answers. */
export type AskAny = <Args extends unknown[], Response>(
  api: API<Args, Response>,
  ...args: Args
) => Promise<Response>;

/** Where brokers, leaders and coordinators are, asked for once and remembered until told to be forgotten. */
export class ClusterMetadata {
  readonly #ask: AskAny;
  readonly #brokers = new Map<number, Broker>();
  readonly #topics = new Map<string, TopicView>();
  readonly #coordinators = new Map<string, Promise<number>>();
  #asked: { readonly topics: Set<string>; readonly answer: Promise<ReadonlyMap<string, string>> } | undefined;

  constructor(ask: AskAny) {
    this.#ask = ask;
  }

  brokers(): readonly Broker[] {
    return [...this.#brokers.values()];
  }

  async broker(nodeId: number): Promise<Broker> {
    if (!this.#brokers.has(nodeId)) await this.#refresh([]);
    const broker = this.#brokers.get(nodeId);
    if (broker) return broker;
    throw new NetworkError(`Broker ${nodeId} is not in the cluster at the moment.`, { canRetry: true });
  }

  async leader({ topic, partition }: TopicPartition): Promise<Leader> {
    const { leaders } = await this.topic(topic);
    const leader = leaders[partition];
    if (leader) return leader;
    this.#topics.delete(topic);
    if (partition >= leaders.length) throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION');
    throw new ProtocolError('LEADER_NOT_AVAILABLE');
  }

  async topic(name: string): Promise<TopicView> {
    const known = this.#topics.get(name);
    if (known) return known;
    const refusals = await this.#refresh([name]);
    const learnt = this.#topics.get(name);
    if (learnt) return learnt;
    throw new ProtocolError(refusals.get(name) ?? 'UNKNOWN_TOPIC_OR_PARTITION');
  }

  coordinator(wanted: CoordinatorKey): Promise<number> {
    const name = `${wanted.type}:${wanted.key}`;
    const known = this.#coordinators.get(name);
    if (known) return known;
    const finding = this.#findCoordinator(wanted);
    this.#coordinators.set(name, finding);
    finding.catch(() => this.#coordinators.get(name) === finding && this.#coordinators.delete(name));
    return finding;
  }

  /** All of them, or those of a topic. */
  forgetLeaders(topic?: string): void {
    if (topic === undefined) this.#topics.clear();
    else this.#topics.delete(topic);
  }

  forgetCoordinator({ type, key }: CoordinatorKey): void {
    this.#coordinators.delete(`${type}:${key}`);
  }

  /** Questions of the same moment become one request. Resolves with the topics that were refused, and why. */
  #refresh(topics: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (!this.#asked) {
      const gathered = new Set<string>();
      this.#asked = { topics: gathered, answer: this.#askSoon(gathered) };
    }
    for (const topic of topics) this.#asked.topics.add(topic);
    return this.#asked.answer;
  }

  async #askSoon(topics: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    await new Promise(setImmediate);
    this.#asked = undefined;
    const answer = await wholeAnswer(this.#ask(metadataV12.api, [...topics], false, false));
    this.#brokers.clear();
    for (const { nodeId, host, port } of answer.brokers) this.#brokers.set(nodeId, { host, port });

    const refusals = new Map<string, string>();
    for (const topic of answer.topics) {
      const name = topic.name ?? '';
      if (topic.errorCode !== 0) refusals.set(name, new ProtocolError(topic.errorCode)['apiId'] as string);
      else this.#topics.set(name, viewOf(topic));
    }
    return refusals;
  }

  async #findCoordinator({ type, key }: CoordinatorKey): Promise<number> {
    const answer = await this.#ask(findCoordinatorV4.api, type === 'group' ? 0 : 1, [key]);
    const found = answer.coordinators.find((one) => one.key === key);
    if (!found) throw new ProtocolError('COORDINATOR_NOT_AVAILABLE');
    this.#brokers.set(found.nodeId, { host: found.host, port: found.port });
    return found.nodeId;
  }
}

function viewOf(topic: MetadataResponse['topics'][number]): TopicView {
  const leaders: (Leader | undefined)[] = [];
  for (const { partitionIndex, leaderId, leaderEpoch } of topic.partitions) {
    leaders[partitionIndex] = leaderId >= 0 ? { nodeId: leaderId, leaderEpoch } : undefined;
  }
  return { id: topic.topicId, leaders };
}

/** The package makes an error of an answer that holds one topic's error; the rest of the answer is good all the same. */
async function wholeAnswer(asking: Promise<MetadataResponse>): Promise<MetadataResponse> {
  try {
    return await asking;
  } catch (error) {
    const response = (error as { readonly response?: MetadataResponse }).response;
    if (response === undefined || protocolErrorOf(error) === undefined) throw error;
    return response;
  }
}
