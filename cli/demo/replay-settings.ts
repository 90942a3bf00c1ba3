import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { assertNotInUse } from '@incident-streams/streams/embedded';
import { ReplaySettingsError, UsageError } from '../errors.ts';
import type { DemoOptions } from './demo-options.ts';
import type { DemoSummary } from './summary.ts';

/** What a run keeps in its data directory: nothing else in there is ever removed. */
const PARTS = ['streams', 'redis', 'clickhouse', 'replay.json', 'summary.json'];

/**
 * Makes the data directory ready, empty if that was asked for, and makes sure that it goes on with the replay that was
 * begun in it: other settings would give other arrivals at the same position.
 * @throws {DirectoryLockedError | ReplaySettingsError | UsageError}
 */
export function prepareDataDirectory(options: DemoOptions, ruleSet: RuleSet): void {
  const { dataDir, fresh, seed, limit, only } = options;
  assertNotInUse(join(dataDir, 'streams'));
  if (fresh) forget(dataDir);
  const file = join(dataDir, 'replay.json');
  const settings = JSON.stringify({ seed, limit: limit ?? null, only: only ?? null, limits: ruleSet.limits });
  const known = readIfThere(file);
  if (known === undefined) {
    begin(dataDir, file, settings);
  } else if (known !== settings) {
    throw new ReplaySettingsError(
      `${dataDir} holds a replay with other settings (${known}): use those, another --data-dir, or --fresh to begin anew`,
    );
  }
}

/** Keeps what came of the replay: what happens afterwards is not part of it. */
export function keepSummary({ dataDir }: DemoOptions, summary: DemoSummary): void {
  writeWhole(join(dataDir, 'summary.json'), JSON.stringify(summary));
}

/** What came of a replay that an earlier run has completed. */
export function recallSummary({ dataDir }: DemoOptions): DemoSummary | undefined {
  const text = readIfThere(join(dataDir, 'summary.json'));
  return text === undefined ? undefined : (JSON.parse(text) as DemoSummary);
}

/** Removes what an earlier run has left, and only where one has: `replay.json` tells that the folder is ours. */
function forget(dataDir: string): void {
  if (readIfThere(join(dataDir, 'replay.json')) === undefined) {
    const foreign = PARTS.find((part) => existsSync(join(dataDir, part)));
    if (foreign === undefined) return;
    throw new UsageError(
      `--fresh would remove ${join(dataDir, foreign)}, but no replay.json says that it is a replay's: choose another --data-dir`,
    );
  }
  for (const part of PARTS) rmSync(join(dataDir, part), { recursive: true, force: true });
}

function begin(dataDir: string, file: string, settings: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    writeWhole(file, settings);
  } catch (cause) {
    throw new UsageError(`--data-dir ${dataDir} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

/** In one step: a process that is killed here leaves no half of a file behind. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
