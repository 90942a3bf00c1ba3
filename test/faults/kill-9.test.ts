import { expect, it } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { runScenario } from './run-scenario.ts';

const SEED = 4_001;

await describeWith(['kafka'], 'kill -9 with a transaction open', ({ kafka }) => {
  it('three times costs nothing and repeats nothing, with the state that was left or without', async () => {
    const openWhenKilled: string[] = [];
    const { problems, seen } = await runScenario({
      name: 'kill-9',
      brokers: kafka.split(','),
      seed: SEED,
      dedupeRecovery: 'changelog',
      feedOverMs: 30_000,
      faults: async (fleet, started) => {
        const workers = [...started];
        for (const [turn, keepsState] of [true, false, true].entries()) {
          await fleet.whenProcessed((turn + 1) * 36_000);
          const victim = workers.shift();
          if (victim === undefined) throw new Error('there is no worker left');
          const { task } = await victim.stopAt('sent');
          const open = await fleet.openTransactions();
          openWhenKilled.push(
            ...open
              .map(({ transactionalId }) => transactionalId)
              .filter((id) => id.endsWith(task.replace('_', '-'))),
          );
          await victim.kill();
          workers.push(await fleet.startWorker(keepsState ? victim : undefined));
        }
        return workers;
      },
    });
    expect(problems).toEqual([]);
    expect(openWhenKilled).toHaveLength(3);
    expect(seen.inbox).toBe(201_000);
    expect(seen.duplicates).toBeGreaterThan(10_000);
    expect(seen.late).toBeGreaterThan(1_500);
    expect(seen.windows).toBeGreaterThan(100_000);
  }, 400_000);
});
