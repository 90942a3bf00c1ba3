import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { defaultFaults } from '../../replay/faults/fault-options.ts';
import { parseRules } from '../../topology/rules/parse-rules.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { UsageError } from '../errors.ts';

const wholeNumber = z.coerce.number().int().min(0);

const schema = z.object({
  dataDir: z.string().min(1).default('.data'),
  port: wholeNumber.max(65_535).default(8080),
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
    parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('\n'),
  );
}

/** The rules of the given file, or those that ship. */
export function loadRules(file: string | undefined): RuleSet {
  const path = file ?? new URL('../../topology/rules/default-rules.json', import.meta.url);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`the rules file ${String(path)} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
  return parseRules(json);
}
