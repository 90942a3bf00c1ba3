import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { defaultFaults } from '../../replay/faults/fault-options.ts';
import { parseRules } from '../../topology/rules/parse-rules.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { UsageError } from '../errors.ts';

const wholeNumber = z.coerce
  .number('must be a number')
  .int('must be a whole number')
  .min(0, 'must not be negative');

const schema = z.object({
  dataDir: z.string().min(1, 'must name a folder').default('.data'),
  /** Without it, the usual one or a free one. */
  port: wholeNumber.max(65_535, 'must be at most 65535').optional(),
  once: z.boolean().default(false),
  json: z.boolean().default(false),
  fresh: z.boolean().default(false),
  redis: z.boolean().default(true),
  clickhouse: z.boolean().default(true),
  seed: wholeNumber.default(defaultFaults.seed),
  limit: wholeNumber.optional(),
  only: z.array(z.string()).optional(),
  rules: z.string().optional(),
});

/** What `npm start` takes on its command line. */
export type DemoOptions = z.infer<typeof schema>;

/** @throws {UsageError} naming the option that cannot be used. */
export function parseDemoOptions(given: unknown): DemoOptions {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    parsed.error.issues.map((issue) => `--${optionName(String(issue.path[0]))}: ${issue.message}`).join('\n'),
  );
}

/** `dataDir` as it is written on the command line. */
function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The rules of the given file, or those that ship. */
export function loadRules(file: string | undefined): RuleSet {
  const path = file ?? new URL('../../topology/rules/default-rules.json', import.meta.url);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`the rules file ${String(path)} cannot be used: ${(cause as Error).message}`, {
      cause,
    });
  }
  return parseRules(json);
}
