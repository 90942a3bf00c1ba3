import type { PlannedTask } from '../task/plan-tasks.ts';
import { taskIdOf } from './task-id.ts';

/** What a member says of itself when it joins. */
export interface TaskClaims {
  /** The tasks that it works on. */
  readonly owned: readonly string[];
  /** The tasks whose stores it has on disk. */
  readonly kept: readonly string[];
}

export interface Claimant extends TaskClaims {
  /** Stable over a restart where the member has a static id, else its member id. */
  readonly name: string;
}

/**
 * Deals the tasks out: every member gets as many as the others, give or take one.
 *
 * 1. Within that, a task stays where it is worked on; else it goes where its stores are; else to whoever has least.
 * 2. The tasks of one sub-topology are spread: what a member has to give up is of all sub-topologies alike; among
 *    members with equally many tasks, the one with fewest of them gets the next.
 * 3. The same members with the same claims give the same answer, in whatever order they come.
 */
export function assignTasks(
  members: readonly Claimant[],
  tasks: readonly PlannedTask[],
): ReadonlyMap<string, readonly PlannedTask[]> {
  const hands = [...members]
    .sort((a, b) => compareText(a.name, b.name))
    .map((member): Hand => ({ member, tasks: [] }));
  if (hands.length === 0) return new Map();
  const deal = new Deal(hands, tasks.length);
  // Partition after partition: who gives up a part of its tasks gives up some of every sub-topology.
  const inTurn = tasks.toSorted((a, b) => a.partition - b.partition || a.subTopology.id - b.subTopology.id);
  const unowned = inTurn.filter((task) => !deal.offer(task, ({ owned }) => owned));
  const homeless = unowned.filter((task) => !deal.offer(task, ({ kept }) => kept));
  for (const task of homeless) deal.giveToLeast(task);
  return new Map(hands.map(({ member, tasks: dealt }) => [member.name, dealt]));
}

interface Hand {
  readonly member: Claimant;
  readonly tasks: PlannedTask[];
}

class Deal {
  readonly #hands: readonly Hand[];
  readonly #floor: number;
  /** So many members may have one task more than the others. */
  #extras: number;

  constructor(hands: readonly Hand[], tasks: number) {
    this.#hands = hands;
    this.#floor = Math.floor(tasks / hands.length);
    this.#extras = tasks % hands.length;
  }

  /** Gives the task to a member that claims it and has room; false if there is none. */
  offer(task: PlannedTask, claims: (member: Claimant) => readonly string[]): boolean {
    const id = taskIdOf(task);
    const hand = this.#hands.find(({ member, tasks }) => claims(member).includes(id) && this.#hasRoom(tasks));
    if (hand === undefined) return false;
    this.#give(hand, task);
    return true;
  }

  giveToLeast(task: PlannedTask): void {
    const [first, ...others] = this.#hands;
    if (first === undefined) return;
    const siblings = ({ tasks }: Hand): number =>
      tasks.filter(({ subTopology }) => subTopology.id === task.subTopology.id).length;
    let least = first;
    for (const hand of others) {
      const difference = hand.tasks.length - least.tasks.length;
      if (difference < 0 || (difference === 0 && siblings(hand) < siblings(least))) least = hand;
    }
    this.#give(least, task);
  }

  #hasRoom(tasks: readonly PlannedTask[]): boolean {
    return tasks.length < this.#floor || (tasks.length === this.#floor && this.#extras > 0);
  }

  #give(hand: Hand, task: PlannedTask): void {
    if (hand.tasks.length === this.#floor) this.#extras--;
    hand.tasks.push(task);
  }
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
