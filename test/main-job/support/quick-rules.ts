import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const YEAR_MS = 31_536_000_000;

/**
 * Five problems in a minute open an incident; a recovery that holds for a second resolves it. What GitHub reported
 * is opened at once, and resolved a year later unless people do it.
 */
const RULES = {
  limits: { graceMs: 500, dedupeWithinMs: 3_600_000, maxAheadMs: 300_000, minTime: '2000-01-01T00:00:00Z' },
  rules: [
    {
      id: 'reported',
      version: 1,
      match: { service: 'github' },
      windowMs: 60_000,
      openOnFirst: true,
      pendingMs: 600_000,
      holdMs: YEAR_MS,
      quietMs: null,
      ackExpiryMs: 3_600_000,
      reopenMs: 60_000,
      retentionMs: 86_400_000,
    },
    {
      id: 'quick',
      version: 3,
      windowMs: 60_000,
      openWhen: { problemCount: 5 },
      openImmediatelyAt: 'CRITICAL',
      pendingMs: 600_000,
      holdMs: 1_000,
      quietMs: 900_000,
      ackExpiryMs: 3_600_000,
      reopenMs: 60_000,
      retentionMs: 86_400_000,
    },
  ],
};

/** Writes the rules to a file in the folder and returns its path. */
export function quickRulesFile(folder: string): string {
  const file = join(folder, 'quick-rules.json');
  writeFileSync(file, JSON.stringify(RULES));
  return file;
}
