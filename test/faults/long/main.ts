import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runScenario } from '../run-scenario.ts';
import { startFaultCluster } from './fault-cluster.ts';
import { brokerScenarios } from './scenarios.ts';

/*
 * `npm run faults`: what takes too long for the test suite. Three brokers, and one fault after the other:
 * `npm run faults -- [name of a scenario …] [--seed <number>]`.
 */
const { values, positionals } = parseArgs({
  options: { seed: { type: 'string', default: '5000' } },
  allowPositionals: true,
});

const report = (line: string): void => {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)}   ${line}\n`);
};

const folder = await mkdtemp(join(tmpdir(), 'incident-fault-cluster-'));
const cluster = await startFaultCluster(folder);
let failed = false;
try {
  const scenarios = brokerScenarios(cluster, { seed: Number(values.seed), report });
  const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new Error(`there is no scenario ${unknown.join(', ')}`);
  for (const scenario of scenarios) {
    if (positionals.length > 0 && !positionals.includes(scenario.name)) continue;
    report(`${scenario.name}, seed ${scenario.seed}`);
    const startedAt = Date.now();
    const { problems, seen } = await runScenario(scenario).catch((error: unknown) => ({
      problems: [error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error)],
      seen: undefined,
    }));
    for (const problem of problems) report(`FAILED ${problem}`);
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    if (problems.length === 0) report(`held, after ${seconds} s: ${JSON.stringify(seen)}`);
    else failed = true;
  }
} finally {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
