import type { z } from 'zod';
import { ConfigError } from '../../errors.ts';
import { configSchema } from './config-schema.ts';
import type { RunConfig } from './config-schema.ts';
import { contradictionsIn } from './contradictions.ts';
import { shownValue } from './hide-secrets.ts';
import { keyAt, namesIn, variablesInWords } from './keys.ts';
import type { ConfigKey } from './keys.ts';
import { readSources } from './sources.ts';
import type { GivenValues, SourceOptions } from './sources.ts';
import { withSecretFiles } from './secret-files.ts';

/**
 * The configuration, checked, with its defaults.
 * @throws {ConfigError} naming of each thing at fault the key, the value and where it comes from, and what is allowed.
 */
export function loadConfig(options: SourceOptions): RunConfig {
  const given = readSources(options);
  const parsed = configSchema.safeParse(given.tree);
  const config = parsed.success ? withSecretFiles(parsed.data) : undefined;
  const problems =
    config === undefined
      ? (parsed.error?.issues ?? []).flatMap((issue) => problemsOf(issue, given))
      : contradictionsIn(config);
  if (config !== undefined && problems.length === 0) return config;
  throw new ConfigError(`the configuration cannot be used:\n  ${[...new Set(problems)].join('\n  ')}`);
}

function problemsOf(issue: z.core.$ZodIssue, given: GivenValues): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => unknownKey(issue.path, name, given));
  const key = keyAt(issue.path);
  if (key?.hasEntries === true && issue.path.length > key.path.length) return [badEntry(issue, given)];
  if (key !== undefined) return [badValue(key, issue.path, given)];
  const section = issue.path.map(String).join('.');
  return [
    `${section} in ${originOf(issue.path, given)} must be an object with some of: ${namesIn(issue.path).join(', ')}`,
  ];
}

function unknownKey(section: readonly PropertyKey[], name: string, given: GivenValues): string {
  const key = [...section.map(String), JSON.stringify(name)].join('.');
  const known = namesIn(section).join(', ');
  return `${key} in ${originOf(section, given)} is no key of the configuration; known there: ${known}`;
}

/** Of a section whose names are free: the name is not allowed, or what stands under it is no section. */
function badEntry({ path, code, message }: z.core.$ZodIssue, given: GivenValues): string {
  const section = path.slice(0, -1).map(String).join('.');
  const entry = `${section}.${JSON.stringify(String(path.at(-1)))} in ${originOf(path, given)}`;
  if (code === 'custom') return `${entry} ${message}`;
  return `${entry} must be an object with some of: ${namesIn(path).join(', ')}`;
}

function badValue(key: ConfigKey, at: readonly PropertyKey[], given: GivenValues): string {
  const path = at.slice(0, key.path.length).map(String);
  const value = valueAt(given.tree, path);
  const origin = originOf(path, given);
  if (value !== undefined)
    return `${path.join('.')} is ${shownValue(key, value)} (from ${origin}); it must be ${key.allowed}`;
  const variables = variablesInWords(key);
  const where = variables === '' ? `in ${origin}` : `in the configuration file or by ${variables}`;
  return `${path.join('.')} is missing: set it ${where}; it must be ${key.allowed}`;
}

function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], tree);
}

/** Where a place of the configuration comes from: itself, or the section that it is in. */
function originOf(path: readonly PropertyKey[], { origins, fileName }: GivenValues): string {
  const key = keyAt(path)?.key ?? '';
  return origins.get(key) ?? origins.get(String(path[0])) ?? `the file ${JSON.stringify(fileName ?? '')}`;
}
