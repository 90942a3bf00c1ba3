import { expect, it } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { runScenario } from './run-scenario.ts';

const SEED = 4_004;

await describeWith(['kafka'], 'the fault checks as a whole', ({ kafka }) => {
  it('notice what a kill does to at-least-once: the same events are applied again', async () => {
    const { problems, seen } = await runScenario({
      name: 'at-least-once',
      brokers: kafka.split(','),
      guarantee: 'at-least-once',
      seed: SEED,
      events: 40_000,
      feedOverMs: 5_000,
      faults: async (fleet, [victim, ...others]) => {
        if (victim === undefined) throw new Error('there is no worker');
        await fleet.whenProcessed(8_000);
        await victim.stopAt('sent');
        await victim.kill();
        return [...others, await fleet.startWorker()];
      },
    });
    expect(seen.inbox).toBe(41_000);
    expect(problems.filter((problem) => problem.startsWith('outputs: '))).not.toEqual([]);
  }, 400_000);
});
