import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignTasks } from '../../../streams/runtime/kafka/assign-tasks.ts';
import type { Claimant } from '../../../streams/runtime/kafka/assign-tasks.ts';
import { taskIdOf } from '../../../streams/runtime/kafka/task-id.ts';
import type { PlannedTask } from '../../../streams/runtime/task/plan-tasks.ts';

function tasksOf(subTopologies: number, partitions: number): PlannedTask[] {
  return Array.from({ length: subTopologies * partitions }, (_, i) => ({
    subTopology: { id: Math.floor(i / partitions), nodes: [], stores: [] },
    partition: i % partitions,
  }));
}

function dealt(members: readonly Claimant[], tasks: readonly PlannedTask[]): Record<string, string[]> {
  return Object.fromEntries(
    [...assignTasks(members, tasks)].map(([name, own]) => [name, own.map(taskIdOf).sort()]),
  );
}

const newcomer = (name: string): Claimant => ({ name, owned: [], kept: [] });

const situation = fc
  .record({
    members: fc.integer({ min: 1, max: 5 }),
    groups: fc.integer({ min: 1, max: 3 }),
    partitions: fc.integer({ min: 1, max: 7 }),
  })
  .chain(({ members, groups, partitions }) => {
    const tasks = tasksOf(groups, partitions);
    const claims = fc.subarray(tasks.map(taskIdOf));
    return fc.record({
      tasks: fc.constant(tasks),
      members: fc.tuple(
        ...Array.from({ length: members }, (_, i) =>
          fc.record({ name: fc.constant(`m${i}`), owned: claims, kept: claims }),
        ),
      ),
    });
  });

describe('the assignment of tasks', () => {
  it('gives every task to exactly one member, and every member as many as the others, give or take one', () => {
    fc.assert(
      fc.property(situation, ({ tasks, members }) => {
        const shares = Object.values(dealt(members, tasks));
        expect(shares.flat().sort()).toEqual(tasks.map(taskIdOf).sort());
        const sizes = shares.map((share) => share.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not depend on the order in which members come', () => {
    fc.assert(
      fc.property(situation, ({ tasks, members }) => {
        expect(dealt([...members].reverse(), tasks)).toEqual(dealt(members, tasks));
      }),
    );
  });

  it('moves nothing when nothing has changed', () => {
    fc.assert(
      fc.property(situation, ({ tasks, members }) => {
        const before = dealt(members, tasks);
        const again = members.map(({ name }) => ({ name, owned: before[name] ?? [], kept: [] }));
        expect(dealt(again, tasks)).toEqual(before);
      }),
    );
  });

  it('shares every sub-topology with newcomers, though one member has had all tasks', () => {
    const tasks = tasksOf(2, 6);
    const alone = { name: 'a', owned: tasks.map(taskIdOf), kept: [] };
    const two = dealt([alone, newcomer('b')], tasks);
    expect(two['a']).toEqual(['0_0', '0_1', '0_2', '1_0', '1_1', '1_2']);
    const members = Object.entries(two).map(([name, owned]) => ({ name, owned, kept: [] }));
    for (const share of Object.values(dealt([...members, newcomer('c')], tasks)))
      expect(share.map((task) => task.split('_')[0])).toEqual(['0', '0', '1', '1']);
  });

  it('moves no more than a newcomer gets', () => {
    const tasks = tasksOf(2, 6);
    const before = dealt([newcomer('a'), newcomer('b')], tasks);
    const members = [
      { name: 'a', owned: before['a'] ?? [], kept: [] },
      { name: 'b', owned: before['b'] ?? [], kept: [] },
      newcomer('c'),
    ];
    const after = dealt(members, tasks);
    const moved = ['a', 'b'].flatMap((name) =>
      (before[name] ?? []).filter((id) => !after[name]?.includes(id)),
    );
    expect(moved.sort()).toEqual(after['c']);
    expect(moved).toHaveLength(4);
  });

  it('gives a task that nobody works on to the member that has its stores', () => {
    const tasks = tasksOf(1, 4);
    const members = [newcomer('a'), { name: 'b', owned: [], kept: ['0_0', '0_3'] }];
    expect(dealt(members, tasks)).toEqual({ a: ['0_1', '0_2'], b: ['0_0', '0_3'] });
  });

  it('spreads the tasks of each sub-topology', () => {
    const shares = assignTasks([newcomer('a'), newcomer('b')], tasksOf(2, 4));
    for (const own of shares.values()) {
      expect(own.filter(({ subTopology }) => subTopology.id === 0)).toHaveLength(2);
    }
  });
});
