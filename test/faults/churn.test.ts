import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import type { Fleet } from './fleet.ts';
import { runScenario } from './run-scenario.ts';
import type { WorkerProcess } from './worker-process.ts';

const SEED = 4_003;
const SECONDS = 30;
const SPARE_PROCESSES = 3;

/** Every second the longest member leaves and a process that was outside joins; both need not wait for one another. */
async function churn(
  fleet: Fleet,
  started: readonly WorkerProcess[],
): Promise<{ members: WorkerProcess[]; joins: number }> {
  const members = [...started];
  const outside: WorkerProcess[] = [];
  for (let i = 0; i < SPARE_PROCESSES; i++) outside.push(await fleet.spawnWorker());
  const moves: Promise<unknown>[] = [];
  let joins = 0;
  for (let second = 0; second < SECONDS; second++) {
    const next = sleep(1_000);
    const coming = outside.shift();
    const leaving = coming === undefined ? undefined : members.shift();
    if (coming !== undefined && leaving !== undefined) {
      joins++;
      members.push(coming);
      moves.push(coming.start());
      moves.push(leaving.close().then(() => outside.push(leaving)));
    }
    await next;
  }
  await Promise.all(moves);
  return { members, joins };
}

await describeWith(['kafka'], 'one instance in and one out every second', ({ kafka }) => {
  it(`for ${SECONDS} seconds loses nothing and repeats nothing`, async () => {
    let joins = 0;
    let processedMeanwhile = 0;
    const { problems, seen } = await runScenario({
      name: 'churn',
      brokers: kafka.split(','),
      seed: SEED,
      // Nobody dies here: on a machine that is busy with other things nobody shall be taken for dead, either.
      sessionTimeoutMs: 30_000,
      feedOverMs: SECONDS * 1_000,
      faults: async (fleet, workers) => {
        const outcome = await churn(fleet, workers);
        joins = outcome.joins;
        processedMeanwhile = await fleet.progress();
        return outcome.members;
      },
    });
    expect(problems).toEqual([]);
    expect(joins).toBeGreaterThan(SECONDS * 0.8);
    expect(processedMeanwhile).toBeGreaterThan(10_000);
    expect(seen.inbox).toBe(201_000);
  }, 400_000);
});
