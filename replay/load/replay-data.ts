import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ReplayDataError } from '../errors.ts';
import { loadCrashSeries } from './crash-series.ts';
import type { CrashSeries } from './crash-series.ts';
import { loadGithubIncidents } from './github-incidents.ts';
import type { GithubIncident } from './github-incidents.ts';
import { loadLatencySeries, loadWindowLabels } from './latency-series.ts';
import type { LatencySeries } from './latency-series.ts';

/** Everything that ships in `data/`, input and truth side by side. */
export interface ReplayData {
  readonly github: readonly GithubIncident[];
  readonly crashes: readonly CrashSeries[];
  readonly latencies: readonly LatencySeries[];
}

/** The folder of real input that ships with the project. */
export const shippedDataFolder = join(import.meta.dirname, '..', '..', 'data');

/** @throws {ReplayDataError} naming what is missing or unreadable. */
export function loadReplayData(folder: string = shippedDataFolder): ReplayData {
  const crashFolder = join(folder, 'cloud-monitoring', 'application-crash-rate-1');
  const latencyFolder = join(folder, 'nab');
  const labels = loadWindowLabels(join(latencyFolder, 'combined_windows.json'));
  return {
    github: loadGithubIncidents(join(folder, 'github-incidents.jsonl')),
    crashes: csvNames(crashFolder).map((name) => loadCrashSeries(join(crashFolder, `${name}.csv`), name)),
    latencies: csvNames(latencyFolder).map((name) =>
      loadLatencySeries(join(latencyFolder, `${name}.csv`), name, labels),
    ),
  };
}

/** Sorted, because the order of a folder's files is the file system's own affair. */
function csvNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.csv'))
      .map((file) => basename(file, '.csv'))
      .sort();
  } catch (cause) {
    throw new ReplayDataError(`Cannot list the data folder ${folder}`, { cause });
  }
}
