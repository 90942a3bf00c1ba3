import { CodedError } from '@incident-streams/streams';
import type { z } from 'zod';
import type { RuleSet } from './rule.ts';
import { ruleSetSchema } from './rule-schema.ts';

/** A rule file that cannot be used. The message names every field at fault by its path. */
export class RulesError extends CodedError {
  readonly code = 'TOPOLOGY_RULES';
}

/**
 * Checks what was read from a rule file and fills in its defaults.
 * @throws {RulesError} naming the path of each bad field.
 */
export function parseRules(json: unknown): RuleSet {
  const parsed = ruleSetSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${formatPath(issue.path)}: ${issue.message}`);
  throw new RulesError(`The rules cannot be used:\n  ${problems.join('\n  ')}`);
}

function formatPath(path: z.core.$ZodIssue['path']): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text === '' ? '(the whole file)' : text.replace(/^\./, '');
}
