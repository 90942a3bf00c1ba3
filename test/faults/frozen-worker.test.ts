import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { runScenario } from './run-scenario.ts';

const SEED = 4_002;
const SESSION_TIMEOUT_MS = 6_000;

await describeWith(['kafka'], 'a worker that stands still beyond the session timeout', ({ kafka }) => {
  it('in a commit and in between, is replaced meanwhile and changes nothing when it comes back', async () => {
    const advancedMeanwhile: number[] = [];
    const { problems, seen } = await runScenario({
      name: 'frozen',
      brokers: kafka.split(','),
      seed: SEED,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      feedOverMs: 25_000,
      faults: async (fleet, workers) => {
        for (const [turn, inCommit] of [true, false].entries()) {
          await fleet.whenProcessed((turn + 1) * 30_000);
          const victim = workers[turn];
          if (victim === undefined) throw new Error(`there is no worker ${turn}`);
          if (inCommit) await victim.stopAt('sent');
          else victim.freeze();
          await sleep(SESSION_TIMEOUT_MS + 2_000);
          const before = await fleet.progress();
          await sleep(2_000);
          advancedMeanwhile.push((await fleet.progress()) - before);
          victim.thaw();
        }
        return workers;
      },
    });
    expect(problems).toEqual([]);
    expect(Math.min(...advancedMeanwhile)).toBeGreaterThan(0);
    expect(seen.inbox).toBe(201_000);
  }, 400_000);
});
