import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { ReplaySettingsError } from '../errors.ts';
import type { DemoOptions } from './demo-options.ts';

/**
 * Makes sure that a data directory goes on with the replay that was begun in it: other settings would give other
 * arrivals at the same position.
 * @throws {ReplaySettingsError}
 */
export function claimReplaySettings(options: DemoOptions, ruleSet: RuleSet): void {
  const { dataDir, fresh, seed, limit, only } = options;
  if (fresh)
    for (const part of ['streams', 'redis', 'clickhouse', 'replay.json'])
      rmSync(join(dataDir, part), { recursive: true, force: true });
  const file = join(dataDir, 'replay.json');
  const settings = JSON.stringify({ seed, limit: limit ?? null, only: only ?? null, limits: ruleSet.limits });
  const known = readIfThere(file);
  if (known === undefined) {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(file, settings);
  } else if (known !== settings) {
    throw new ReplaySettingsError(
      `${dataDir} holds a replay with other settings (${known}): use those, another --data-dir, or --fresh to begin anew`,
    );
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
