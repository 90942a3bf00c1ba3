import { sourcesOf } from '../../graph/topology.ts';
import type { PlannedTask } from '../task/plan-tasks.ts';
import { assignTasks } from './assign-tasks.ts';
import type { TaskClaims } from './assign-tasks.ts';
import type {
  GroupMember,
  KafkaCluster,
  MemberAssignment,
  MemberSubscription,
  TopicPartition,
} from './ports.ts';
import { taskIdOf } from './task-id.ts';
import type { TopicNames } from './topic-names.ts';

export interface GroupSessionOptions {
  readonly cluster: KafkaCluster;
  readonly groupId: string;
  readonly instanceId: string | undefined;
  readonly names: TopicNames;
  readonly tasks: readonly PlannedTask[];
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly onRebalance: () => void;
}

/** This process's part in the group that shares the tasks out. */
export class GroupSession {
  readonly member: GroupMember;
  readonly #options: GroupSessionOptions;
  readonly #tasks: ReadonlyMap<string, PlannedTask>;

  constructor(options: GroupSessionOptions) {
    this.#options = options;
    this.#tasks = new Map(options.tasks.map((task) => [taskIdOf(task), task]));
    const { groupId, instanceId, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs } = options;
    this.member = options.cluster.groupMember({
      groupId,
      topics: [...new Set(options.tasks.flatMap((task) => this.#topicsOf(task)))],
      ...(instanceId === undefined ? {} : { instanceId }),
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      heartbeatIntervalMs,
      assign: (members) => Promise.resolve(this.#assign(members)),
      onRebalance: options.onRebalance,
    });
  }

  /** Joins, or joins again, and resolves with the tasks that are this process's from now on. */
  async join(claims: TaskClaims): Promise<PlannedTask[]> {
    const ids = fromBytes<readonly string[]>(await this.member.join(toBytes(claims)), []);
    return ids.flatMap((id) => this.#tasks.get(id) ?? []);
  }

  #assign(members: readonly MemberSubscription[]): MemberAssignment[] {
    const claimants = members.map(({ memberId, instanceId, userData }) => {
      const { owned, kept } = fromBytes<TaskClaims>(userData, { owned: [], kept: [] });
      return { name: instanceId ?? memberId, memberId, owned, kept };
    });
    const dealt = assignTasks(claimants, this.#options.tasks);
    return claimants.map(({ name, memberId }) => {
      const tasks = dealt.get(name) ?? [];
      return {
        memberId,
        partitions: tasks.flatMap((task) => this.#placesOf(task)),
        userData: toBytes(tasks.map(taskIdOf)),
      };
    });
  }

  #topicsOf({ subTopology }: PlannedTask): string[] {
    return sourcesOf(subTopology).map((source) => this.#options.names.onCluster(source.topic));
  }

  #placesOf(task: PlannedTask): TopicPartition[] {
    return this.#topicsOf(task).map((topic) => ({ topic, partition: task.partition }));
  }
}

function toBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** What a member of another version says may be unreadable: it is taken as nothing said. */
function fromBytes<T>(bytes: Uint8Array, nothing: T): T {
  if (bytes.length === 0) return nothing;
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
  } catch {
    return nothing;
  }
}
