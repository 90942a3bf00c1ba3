import type { CheckResult } from './check.ts';
import { Fleet } from './fleet.ts';
import type { FleetOptions } from './fleet.ts';
import type { WorkerProcess } from './worker-process.ts';
import { WORKLOAD, generateEvents } from './workload.ts';

export interface Scenario extends Omit<FleetOptions, 'applicationId'> {
  readonly name: string;
  readonly seed: number;
  readonly events?: number;
  /** How long the events take to come. */
  readonly feedOverMs: number;
  /** What goes wrong meanwhile; returns the workers that are in the group in the end. */
  readonly faults: (fleet: Fleet, workers: readonly WorkerProcess[]) => Promise<readonly WorkerProcess[]>;
  readonly drainMs?: number;
}

/** Sent once more when all is over: who has forgotten what was seen counts them as new. */
const REPEATED_AT_THE_END = 1_000;

/** Three workers on the workload, while something goes wrong; then everything is checked. */
export async function runScenario(scenario: Scenario): Promise<CheckResult> {
  const { name, seed, events: count = WORKLOAD.events, drainMs = 120_000 } = scenario;
  const fleet = await Fleet.prepare({
    ...scenario,
    applicationId: `${name}-${crypto.randomUUID().slice(0, 8)}`,
  });
  try {
    const workers = [await fleet.startWorker(), await fleet.startWorker(), await fleet.startWorker()];
    const events = generateEvents({ seed, events: count });
    const feeding = fleet.feed(events, scenario.feedOverMs);
    feeding.catch(() => undefined);
    const left = await scenario.faults(fleet, workers);
    await feeding;
    await fleet.whenDrained(drainMs);
    await fleet.feed(events.slice(-REPEATED_AT_THE_END), 0);
    await fleet.whenDrained(drainMs);
    return await fleet.check(left);
  } catch (error) {
    const journals = await fleet.saveJournals();
    throw new Error(`${name} with seed ${seed} (what the workers said: ${journals})`, { cause: error });
  } finally {
    await fleet.stop();
  }
}
