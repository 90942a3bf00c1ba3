import type { z } from 'zod';
import { ConfigError } from '../../errors.ts';
import { configSchema } from './config-schema.ts';
import type { RunConfig } from './config-schema.ts';
import { contradictionsIn } from './contradictions.ts';
import { shownValue } from './hide-secrets.ts';
import { keyAt, namesIn } from './keys.ts';
import type { ConfigKey } from './keys.ts';
import { readSources } from './sources.ts';
import type { GivenValues, SourceOptions } from './sources.ts';

/**
 * The configuration, checked, with its defaults.
 * @throws {ConfigError} naming of each thing at fault the key, the value and where it comes from, and what is allowed.
 */
export function loadConfig(options: SourceOptions): RunConfig {
  const given = readSources(options);
  const parsed = configSchema.safeParse(given.tree);
  const problems = parsed.success
    ? contradictionsIn(parsed.data)
    : parsed.error.issues.flatMap((issue) => problemsOf(issue, given));
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new ConfigError(`the configuration cannot be used:\n  ${[...new Set(problems)].join('\n  ')}`);
}

function problemsOf(issue: z.core.$ZodIssue, given: GivenValues): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => unknownKey(issue.path, name, given));
  const key = keyAt(issue.path);
  if (key !== undefined) return [badValue(key, given)];
  const section = issue.path.map(String).join('.');
  return [`${section} in ${fileOf(given)} must be an object with some of: ${namesIn(issue.path).join(', ')}`];
}

function unknownKey(section: readonly PropertyKey[], name: string, given: GivenValues): string {
  const key = [...section.map(String), JSON.stringify(name)].join('.');
  const known = namesIn(section).join(', ');
  return `${key} in ${fileOf(given)} is no key of the configuration; known there: ${known}`;
}

function badValue(key: ConfigKey, given: GivenValues): string {
  const value = valueAt(given.tree, key.path);
  const [variable] = key.variables;
  if (value === undefined)
    return `${key.key} is missing: set it in the configuration file or by ${variable ?? ''}; it must be ${key.allowed}`;
  const origin = given.origins.get(key.key) ?? fileOf(given);
  return `${key.key} is ${shownValue(key, value)} (from ${origin}); it must be ${key.allowed}`;
}

function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], tree);
}

function fileOf({ fileName }: GivenValues): string {
  return `the file ${JSON.stringify(fileName ?? '')}`;
}
