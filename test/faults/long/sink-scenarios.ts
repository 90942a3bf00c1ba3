import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LongScenario } from './clickhouse-scenarios.ts';

const SINKS = fileURLToPath(new URL('../sinks/', import.meta.url));
const VITEST = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));

/** The outages of the test suite, as long as they are in life. */
export function sinkScenarios({ seed }: { readonly seed: number }): LongScenario[] {
  return [
    { name: 'redis-lost', seed, run: () => runTests('redis-lost', { FAULTS_REDIS_KILLED_MS: '60000' }) },
    { name: 'sink-away', seed, run: () => runTests('sink-away', { FAULTS_SINK_AWAY_MS: '300000' }) },
  ];
}

async function runTests(file: string, environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [VITEST, 'run', `${SINKS}${file}.test.ts`], {
    env: { ...process.env, CI: 'true', ...environment },
    stdio: 'inherit',
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { problems: status === 0 ? [] : [`${file}.test.ts failed`], seen: environment };
}
