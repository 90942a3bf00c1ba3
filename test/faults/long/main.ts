import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runScenario } from '../run-scenario.ts';
import { clickhouseScenarios } from './clickhouse-scenarios.ts';
import type { LongScenario } from './clickhouse-scenarios.ts';
import { startFaultCluster } from './fault-cluster.ts';
import { brokerScenarios } from './scenarios.ts';
import { sinkScenarios } from './sink-scenarios.ts';

/*
 * `npm run faults`: what takes too long for the test suite, one fault after the other:
 * `npm run faults -- [name of a scenario …] [--seed <number>]`. Three brokers run where a scenario needs them.
 */
const { values, positionals } = parseArgs({
  options: { seed: { type: 'string', default: '5000' } },
  allowPositionals: true,
});
const seed = Number(values.seed);
const isChosen = ({ name }: { readonly name: string }): boolean =>
  positionals.length === 0 || positionals.includes(name);

const report = (line: string): void => {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)}   ${line}\n`);
};

/** @returns whether all was well. */
async function runOne(scenario: LongScenario): Promise<boolean> {
  report(`${scenario.name}, seed ${scenario.seed}`);
  const startedAt = Date.now();
  const { problems, seen } = await scenario.run().catch((error: unknown) => ({
    problems: [error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error)],
    seen: undefined,
  }));
  for (const problem of problems) report(`FAILED ${problem}`);
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  if (problems.length === 0) report(`held, after ${seconds} s: ${JSON.stringify(seen)}`);
  return problems.length === 0;
}

async function runAll(scenarios: readonly LongScenario[]): Promise<boolean> {
  let held = true;
  for (const scenario of scenarios) held = (await runOne(scenario)) && held;
  return held;
}

/** The scenarios that need brokers, by the names that were asked for. */
async function runWithBrokers(names: readonly string[]): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'incident-fault-cluster-'));
  const cluster = await startFaultCluster(folder);
  try {
    const scenarios = brokerScenarios(cluster, { seed, report });
    const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
    if (unknown.length > 0) throw new Error(`there is no scenario ${unknown.join(', ')}`);
    return await runAll(
      scenarios
        .filter(isChosen)
        .map((scenario) => ({ name: scenario.name, seed: scenario.seed, run: () => runScenario(scenario) })),
    );
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const withoutBrokers = [...clickhouseScenarios({ seed, report }), ...sinkScenarios({ seed })];
const others = positionals.filter((name) => !withoutBrokers.some((scenario) => scenario.name === name));
const heldWithout = await runAll(withoutBrokers.filter(isChosen));
const heldWith = positionals.length > 0 && others.length === 0 ? true : await runWithBrokers(others);
process.exitCode = heldWithout && heldWith ? 0 : 1;
