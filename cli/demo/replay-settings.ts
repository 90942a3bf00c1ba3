import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { assertNotInUse } from '@incident-streams/streams/embedded';
import { ReplaySettingsError, UsageError } from '../errors.ts';
import type { DemoOptions } from './demo-options.ts';

/** What a run keeps in its data directory: nothing else in there is ever removed. */
const PARTS = ['streams', 'redis', 'clickhouse', 'replay.json'];

/**
 * Makes the data directory ready, empty if that was asked for, and makes sure that it goes on with the replay that was
 * begun in it: other settings would give other arrivals at the same position.
 * @throws {EmbeddedLockedError | ReplaySettingsError | UsageError}
 */
export function prepareDataDirectory(options: DemoOptions, ruleSet: RuleSet): void {
  const { dataDir, fresh, seed, limit, only } = options;
  assertNotInUse(join(dataDir, 'streams'));
  if (fresh) for (const part of PARTS) rmSync(join(dataDir, part), { recursive: true, force: true });
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

function begin(dataDir: string, file: string, settings: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(file, settings);
  } catch (cause) {
    throw new UsageError(`--data-dir ${dataDir} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
