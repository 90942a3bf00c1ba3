import type {
  CommittedOffset,
  GroupMemberOptions,
  GroupMetadata,
  MemberAssignment,
  TopicPartition,
} from '@incident-streams/streams/kafka';
import {
  heartbeatV4,
  joinGroupV7,
  leaveGroupV4,
  offsetCommitV8,
  offsetFetchV7,
  syncGroupV5,
} from '@platformatic/kafka';
import type { API } from '@platformatic/kafka';
import type { BrokerRequests } from './broker-requests.ts';
import {
  ASSIGNOR_NAME,
  CONSUMER_PROTOCOL_TYPE,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts';
import { offsetsByTopic } from './offset-topics.ts';

/**
 * Requests of one group to its coordinator, each sent once; errors are those of the client package. A broker holds a
 * join back until all have come, and answers a connection's requests in order, so joins and heartbeats have connections
 * of their own.
 */
export class GroupRequests {
  readonly #options: GroupMemberOptions;
  readonly #offsets: BrokerRequests;
  readonly #joins: BrokerRequests;
  readonly #heartbeats: BrokerRequests;

  constructor(requests: BrokerRequests, options: GroupMemberOptions) {
    this.#options = options;
    this.#offsets = requests;
    this.#joins = requests.lane({ heldBackMs: options.rebalanceTimeoutMs });
    this.#heartbeats = requests.lane();
  }

  join(memberId: string, userData: Uint8Array): Promise<joinGroupV7.JoinGroupResponse> {
    const { groupId, topics, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    return this.#ask(
      this.#joins,
      joinGroupV7.api,
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId,
      this.#instanceId(),
      CONSUMER_PROTOCOL_TYPE,
      [{ name: ASSIGNOR_NAME, metadata: encodeSubscription({ topics, userData }) }],
    );
  }

  /** `assignments` come from the leader; the others send none. */
  async sync(
    { groupId, generationId, memberId, instanceId }: GroupMetadata,
    assignments: readonly MemberAssignment[],
  ): Promise<Buffer> {
    const encoded = assignments.map((one) => ({ memberId: one.memberId, assignment: encodeAssignment(one) }));
    const { assignment } = await this.#ask(
      this.#joins,
      syncGroupV5.api,
      groupId,
      generationId,
      memberId,
      instanceId,
      CONSUMER_PROTOCOL_TYPE,
      ASSIGNOR_NAME,
      encoded,
    );
    return assignment;
  }

  async heartbeat({ groupId, generationId, memberId, instanceId }: GroupMetadata): Promise<void> {
    await this.#ask(this.#heartbeats, heartbeatV4.api, groupId, generationId, memberId, instanceId);
  }

  async leave({ groupId, memberId, instanceId }: GroupMetadata): Promise<void> {
    const member = { memberId, groupInstanceId: instanceId };
    await this.#ask(this.#heartbeats, leaveGroupV4.api, groupId, [member]);
  }

  /** Stable offsets only: while a transaction is being ended the answer is an error that passes (KIP-447). */
  async committed(places: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    const byTopic = Map.groupBy(places, ({ topic }) => topic);
    const topics = [...byTopic].map(([name, ofTopic]) => ({
      name,
      partitionIndexes: ofTopic.map(({ partition }) => partition),
    }));
    const { groupId } = this.#options;
    const answer = await this.#ask(this.#offsets, offsetFetchV7.api, [{ groupId, topics }], true);
    return answer.topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ committedOffset }) => committedOffset >= 0n)
        .map(({ partitionIndex, committedOffset, metadata }) => ({
          topic: name,
          partition: partitionIndex,
          offset: Number(committedOffset),
          metadata: metadata ?? '',
        })),
    );
  }

  async commit(
    { groupId, generationId, memberId, instanceId }: GroupMetadata,
    offsets: readonly CommittedOffset[],
  ): Promise<void> {
    const topics = offsetsByTopic(offsets);
    await this.#ask(this.#offsets, offsetCommitV8.api, groupId, generationId, memberId, instanceId, topics);
  }

  /** To be called when the coordinator does not answer, or says that it is none. */
  forgetCoordinator(): void {
    this.#offsets.forgetCoordinator({ type: 'group', key: this.#options.groupId });
  }

  async close(): Promise<void> {
    await Promise.all([this.#joins.close(), this.#heartbeats.close()]);
  }

  #instanceId(): string | null {
    return this.#options.instanceId ?? null;
  }

  async #ask<Args extends unknown[], Response>(
    lane: BrokerRequests,
    api: API<Args, Response>,
    ...args: Args
  ): Promise<Response> {
    const coordinator = await lane.coordinator({ type: 'group', key: this.#options.groupId });
    return lane.node(coordinator, api, ...args);
  }
}
