import { KafkaFencedError } from '@incident-streams/streams/kafka';
import type {
  CommittedOffset,
  GroupMember,
  GroupMemberOptions,
  GroupMetadata,
  MemberAssignment,
  TopicPartition,
} from '@incident-streams/streams/kafka';
import type { joinGroupV7 } from '@platformatic/kafka';
import { attempt } from './attempt.ts';
import { isRetriable, protocolErrorOf } from './broker-errors.ts';
import type { BrokerRequests } from './broker-requests.ts';
import { userDataOfAssignment, userDataOfSubscription } from './consumer-protocol.ts';
import { GroupRequests } from './group-requests.ts';
import { Heartbeats } from './heartbeats.ts';
import { asProducerError } from './producer-errors.ts';
import { backoffMs, pause, retrying } from './retrying.ts';

const NO_GENERATION = -1;
/** How long offsets may be asked for or committed. */
const OFFSETS_MS = 60_000;
/** How long `leave` waits for the coordinator; without it the session times out. */
const LEAVE_MS = 3_000;

/**
 * A member of a group of the classic protocol, which every broker serves: join, let the elected member assign, learn
 * what it has assigned, and send heartbeats until the coordinator says that the group is being formed anew.
 *
 * A static member (KIP-345) does not tell the group that it leaves: it is expected back.
 */
export class ClassicGroupMember implements GroupMember {
  readonly #options: GroupMemberOptions;
  readonly #requests: GroupRequests;
  readonly #heartbeats: Heartbeats;
  readonly #leaving = new AbortController();
  #memberId = '';
  #generationId = NO_GENERATION;
  /** Whether `onRebalance` may still be called for this generation. */
  #settled = false;
  /** Why this member can never join again. */
  #refused: Error | undefined;

  constructor(requests: BrokerRequests, options: GroupMemberOptions) {
    this.#options = options;
    this.#requests = new GroupRequests(requests, options);
    this.#heartbeats = new Heartbeats({
      intervalMs: options.heartbeatIntervalMs,
      beat: () => this.#requests.heartbeat(this.#identity()),
      onError: (error) => this.#onHeartbeatError(error),
    });
  }

  async join(userData: Uint8Array): Promise<Uint8Array> {
    this.#settled = false;
    this.#heartbeats.stop();
    for (let failures = 0; ;) {
      this.#leaving.signal.throwIfAborted();
      if (this.#refused !== undefined) throw this.#refused;
      try {
        const assigned = await this.#joinOnce(userData);
        this.#settled = true;
        return assigned;
      } catch (error) {
        this.#heartbeats.stop();
        this.#leaving.signal.throwIfAborted();
        if (this.#afterFailedJoin(error) === 'at once') continue;
        failures += 1;
        await pause(backoffMs(failures), this.#leaving.signal);
      }
    }
  }

  metadata(): GroupMetadata {
    if (this.#generationId !== NO_GENERATION) return this.#identity();
    throw new KafkaFencedError(
      `${this.#options.groupId}: this process is no member of the group at the moment`,
    );
  }

  committed(places: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    if (places.length === 0) return Promise.resolve([]);
    return this.#repeat('reading committed offsets', () => this.#requests.committed(places));
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    // Repeated after a rebalance it must not pass for a commit of the new generation: the partition may be another's.
    const identity = this.metadata();
    await this.#repeat('committing offsets', () => this.#requests.commit(identity, offsets));
  }

  async leave(): Promise<void> {
    if (this.#leaving.signal.aborted) return;
    this.#leaving.abort(new KafkaFencedError(`${this.#options.groupId}: this member has left the group`));
    this.#heartbeats.stop();
    if (this.#memberId !== '' && this.#options.instanceId === undefined) {
      await attempt(LEAVE_MS, () => this.#requests.leave(this.#identity()));
    }
    this.#generationId = NO_GENERATION;
    await this.#requests.close();
  }

  async #joinOnce(userData: Uint8Array): Promise<Uint8Array> {
    const joined = await this.#requests.join(this.#memberId, userData);
    this.#memberId = joined.memberId;
    this.#generationId = joined.generationId;
    // Assigning may take longer than a session.
    this.#heartbeats.start();
    const assignments = joined.leader === joined.memberId ? await this.#assign(joined) : [];
    return userDataOfAssignment(await this.#requests.sync(this.#identity(), assignments));
  }

  #assign({ members }: joinGroupV7.JoinGroupResponse): Promise<readonly MemberAssignment[]> {
    return this.#options.assign(
      members.map(({ memberId, groupInstanceId, metadata }) => ({
        memberId,
        instanceId: groupInstanceId ?? null,
        userData: userDataOfSubscription(metadata),
      })),
    );
  }

  /** @throws what joining again will not change */
  #afterFailedJoin(error: unknown): 'at once' | 'later' {
    switch (protocolErrorOf(error) ?? '') {
      case 'MEMBER_ID_REQUIRED':
        this.#memberId = memberIdOf(error);
        return 'at once';
      case 'UNKNOWN_MEMBER_ID':
        this.#forgetMembership();
        return 'at once';
      case 'ILLEGAL_GENERATION':
      case 'REBALANCE_IN_PROGRESS':
        return 'at once';
      default:
    }
    if (!isRetriable(error)) throw this.#refusal('joining', error);
    this.#requests.forgetCoordinator();
    return 'later';
  }

  #onHeartbeatError(error: unknown): 'continue' | 'stop' {
    switch (protocolErrorOf(error) ?? '') {
      case 'REBALANCE_IN_PROGRESS':
        this.#tellRebalance();
        return 'continue';
      case 'ILLEGAL_GENERATION':
        this.#generationId = NO_GENERATION;
        break;
      case 'UNKNOWN_MEMBER_ID':
        this.#forgetMembership();
        break;
      default:
        if (isRetriable(error)) {
          this.#requests.forgetCoordinator();
          return 'continue';
        }
        this.#forgetMembership();
        this.#refused = this.#refusal('sending a heartbeat', error);
    }
    this.#tellRebalance();
    return 'stop';
  }

  #tellRebalance(): void {
    if (!this.#settled) return;
    this.#settled = false;
    this.#options.onRebalance();
  }

  #forgetMembership(): void {
    this.#memberId = '';
    this.#generationId = NO_GENERATION;
  }

  #identity(): GroupMetadata {
    const { groupId, instanceId } = this.#options;
    return {
      groupId,
      memberId: this.#memberId,
      generationId: this.#generationId,
      instanceId: instanceId ?? null,
    };
  }

  async #repeat<Result>(what: string, operation: () => Promise<Result>): Promise<Result> {
    const { groupId } = this.#options;
    const onRetry = (error: unknown): void => {
      if (protocolErrorOf(error) !== 'UNSTABLE_OFFSET_COMMIT') this.#requests.forgetCoordinator();
    };
    try {
      const until = this.#leaving.signal;
      return await retrying(`${groupId}: ${what}`, operation, { giveUpAfterMs: OFFSETS_MS, until, onRetry });
    } catch (error) {
      throw this.#refusal(what, error);
    }
  }

  #refusal(what: string, error: unknown): Error {
    return asProducerError(`${this.#options.groupId}: ${what}`, error);
  }
}

/** The id that the coordinator wants to see in the next attempt (KIP-394). */
function memberIdOf(error: unknown): string {
  const { response } = error as { readonly response?: { readonly memberId?: string } };
  return response?.memberId ?? '';
}
