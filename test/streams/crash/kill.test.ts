import type { CommitStep } from '@incident-streams/streams/embedded';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { beforeAll, describe, expect, it } from 'vitest';
import { totalOf } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { CRASH_TOPICS, INPUT_RECORDS, crashTopology } from './crash-topology.ts';
import { runLife } from './run-life.ts';

let undisturbed: Outcome;

beforeAll(async () => {
  using directory = temporaryDirectory();
  const { outcome } = await runLife({ directory: directory.path, broken: false });
  if (outcome === undefined) throw new Error('the undisturbed life did not end');
  undisturbed = outcome;
});

/** Lets lives follow one another, killed as the list says, and the last one come to its end. */
async function outcomeAfter(
  kills: readonly ({ step: CommitStep; time: number } | { afterMs: number })[],
  options: { readonly broken: boolean } = { broken: false },
): Promise<{ outcome: Outcome | undefined; killed: number }> {
  using directory = temporaryDirectory();
  let killed = 0;
  for (const kill of kills) {
    const life = { directory: directory.path, ...options };
    const end =
      'step' in kill
        ? await runLife({ ...life, killAt: kill })
        : await runLife(life, { killAfterMs: kill.afterMs });
    if (end.killed) killed++;
    if (!options.broken) await expectDurable(directory.path, end.durable);
  }
  const { outcome } = await runLife({ directory: directory.path, ...options });
  return { outcome, killed };
}

/** What the dead process had been told to be durable is there. */
async function expectDurable(directory: string, position: number): Promise<void> {
  const { topology } = crashTopology({ broken: false });
  const runtime = EmbeddedRuntime.open({ topology, directory, partitions: 1, topics: CRASH_TOPICS });
  const reached = runtime.producerPosition('generator') ?? 0;
  expect(reached).toBeGreaterThanOrEqual(position);
  expect(runtime.endOffset('in', 0)).toBe(reached);
  await runtime.close();
}

describe('a process that is killed', () => {
  it('has something to lose: the undisturbed run has seen all there is', () => {
    expect(undisturbed.topics['in']).toHaveLength(INPUT_RECORDS);
    for (const counter of ['duplicate', 'dead-letter', 'reports']) {
      expect(totalOf(undisturbed, counter), counter).toBeGreaterThan(20);
    }
    for (const topic of ['numbered', 'windowed', 'counted', 'dead']) {
      expect(undisturbed.topics[topic]?.length, topic).toBeGreaterThan(50);
    }
  });

  it.each<{ step: CommitStep; times: readonly number[] }>([
    { step: 'processed', times: [1, 2, 5, 11] },
    { step: 'flushed', times: [1, 3, 7] },
    { step: 'committed', times: [1, 2, 9] },
  ])('when a commit is $step ends like one that never was', async ({ step, times }) => {
    const { outcome, killed } = await outcomeAfter(times.map((time) => ({ step, time })));
    expect(killed).toBe(times.length);
    expect(outcome).toEqual(undisturbed);
  });

  it('at any moment ends like one that never was', async () => {
    const moments = [0, 5, 15, 30, 60].map((afterMs) => ({ afterMs }));
    const { outcome, killed } = await outcomeAfter(moments);
    expect(killed).toBeGreaterThan(0);
    expect(outcome).toEqual(undisturbed);
  });

  it('is told from one with state that only lived in memory', async () => {
    const { outcome } = await outcomeAfter([{ step: 'committed', time: 2 }], { broken: true });
    expect(outcome?.topics['in']).toEqual(undisturbed.topics['in']);
    expect(outcome?.topics['numbered']).not.toEqual(undisturbed.topics['numbered']);
  });
});
