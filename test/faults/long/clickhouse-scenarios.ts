import { runKills } from '../../clickhouse/kills/run-kills.ts';
import type { Moment } from '../../clickhouse/kills/strike-proxy.ts';
import type { Report } from './scenarios.ts';

/** A fault with its own way to run. */
export interface LongScenario {
  readonly name: string;
  readonly seed: number;
  readonly run: () => Promise<{ readonly problems: readonly string[]; readonly seen: unknown }>;
}

const KILLS = 20;
const MOMENTS: readonly Moment[] = ['before', 'during', 'after'];
const ROWS_PER_KILL = 12_000;

/** The faults of ClickHouse, by name. They need no brokers. */
export function clickhouseScenarios(options: {
  readonly seed: number;
  readonly report: Report;
}): LongScenario[] {
  const { seed, report } = options;
  const moments = Array.from({ length: KILLS }, (_, kill) => MOMENTS[kill % MOMENTS.length] ?? 'during');
  return [
    {
      ...{ name: 'clickhouse-killed', seed },
      run: async () => {
        const { problems, ...seen } = await runKills({ moments, rowsPerKill: ROWS_PER_KILL, seed, report });
        return { problems, seen: { kills: moments.length, ...seen } };
      },
    },
  ];
}
