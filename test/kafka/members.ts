import type {
  GroupMemberOptions,
  MemberAssignment,
  MemberSubscription,
} from '@incident-streams/streams/kafka';
import { BrokerRequests } from '../../connectors/kafka/broker-requests.ts';
import { ClassicGroupMember } from '../../connectors/kafka/group-member.ts';

/** A member that joins whenever it is told to, as a runtime does, and remembers what it was given. */
export class MemberUnderTest {
  readonly member: ClassicGroupMember;
  readonly assigned: string[] = [];
  rebalances = 0;
  readonly #requests: BrokerRequests;
  readonly #name: string;
  #joining: Promise<void> | undefined;

  constructor(name: string, options: TestMemberOptions) {
    const { brokers, rejoins = true, ...given } = options;
    this.#name = name;
    this.#requests = new BrokerRequests({ brokers: [brokers], clientId: name, requestTimeoutMs: 5_000 });
    this.member = new ClassicGroupMember(this.#requests, {
      sessionTimeoutMs: 3_000,
      rebalanceTimeoutMs: 5_000,
      heartbeatIntervalMs: 100,
      assign: (members) => Promise.resolve(shareEvenly(given.topics[0]!, members)),
      ...given,
      onRebalance: () => {
        this.rebalances += 1;
        if (rejoins) this.#joining = this.join();
      },
    });
  }

  async join(): Promise<void> {
    const userData = await this.member.join(Buffer.from(this.#name));
    this.assigned.push(Buffer.from(userData).toString());
  }

  /** The last answer of the group. */
  now(): string | undefined {
    return this.assigned.at(-1);
  }

  async leave(): Promise<void> {
    await this.member.leave();
    await this.#joining?.catch(() => undefined);
    await this.#requests.close();
  }
}

export interface TestMemberOptions extends Partial<GroupMemberOptions> {
  readonly brokers: string;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Whether it joins again by itself when the group is being rebalanced. Default true. */
  readonly rejoins?: boolean;
}

/** Six partitions, dealt out in the order of the members' names; user data name who is there and what one has got. */
function shareEvenly(topic: string, members: readonly MemberSubscription[]): MemberAssignment[] {
  const nameOf = ({ userData }: MemberSubscription): string => Buffer.from(userData).toString();
  const sorted = members.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const all = sorted.map(nameOf).join('+');
  return sorted.map((member, index) => {
    const partitions = [0, 1, 2, 3, 4, 5].filter((partition) => partition % sorted.length === index);
    return {
      memberId: member.memberId,
      partitions: partitions.map((partition) => ({ topic, partition })),
      userData: Buffer.from(`${all}: ${partitions.join()}`),
    };
  });
}
