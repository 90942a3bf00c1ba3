import { readFileSync } from 'node:fs';
import { ConfigError } from '../../errors.ts';
import { CONFIG_KEYS, FILE_VARIABLE, VARIABLE_PREFIX } from './keys.ts';
import type { ConfigKey } from './keys.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Values as they were given, not checked yet, and by key where each comes from. */
export interface GivenValues {
  readonly tree: Readonly<Record<string, unknown>>;
  readonly origins: ReadonlyMap<string, string>;
  readonly fileName: string | undefined;
}

export interface SourceOptions {
  readonly environment: Environment;
  /** From the command line; takes the place of the one that the environment names. */
  readonly file?: string;
  readonly role?: string;
}

/**
 * The configuration as it is given: an option of the command line counts before a variable, a variable before the
 * file. A variable that is set to nothing counts as not set.
 * @throws {ConfigError} for a file that cannot be read and for variables that nobody reads.
 */
export function readSources({ environment, file, role }: SourceOptions): GivenValues {
  const fileName = file ?? nonEmpty(environment[FILE_VARIABLE]);
  const tree = fileName === undefined ? {} : readConfigFile(fileName);
  const origins = new Map<string, string>();
  refuseUnknownVariables(environment);
  for (const key of CONFIG_KEYS) {
    const given = fromEnvironment(key, environment);
    if (given === undefined) continue;
    place(tree, key.path, key.hasEntries ? fromJson(given.value) : given.value);
    origins.set(key.key, given.origin);
  }
  if (role !== undefined) {
    tree['role'] = role;
    origins.set('role', 'the option --role');
  }
  return { tree, origins, fileName };
}

function readConfigFile(fileName: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(fileName, 'utf8'));
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ConfigError(`the configuration file ${quoted(fileName)} cannot be read as JSON: ${reason}`);
  }
  if (isSection(json)) return json;
  throw new ConfigError(`the configuration file ${quoted(fileName)} must hold one JSON object`);
}

interface Given {
  readonly value: string;
  readonly origin: string;
}

function fromEnvironment(key: ConfigKey, environment: Environment): Given | undefined {
  for (const variable of key.variables) {
    const value = nonEmpty(environment[variable]);
    const secretFile = key.secret === undefined ? undefined : nonEmpty(environment[`${variable}_FILE`]);
    if (value !== undefined && secretFile !== undefined) {
      throw new ConfigError(`${key.key}: set ${variable} or ${variable}_FILE, not both`);
    }
    if (value !== undefined) return { value, origin: `the variable ${variable}` };
    if (secretFile !== undefined) return readSecret(key, `${variable}_FILE`, secretFile);
  }
  return undefined;
}

/** The line break that editors leave at the end is not part of a secret. */
function readSecret({ key }: ConfigKey, variable: string, fileName: string): Given {
  const origin = `the file ${quoted(fileName)} that ${variable} names`;
  try {
    return { value: readFileSync(fileName, 'utf8').replace(/\r?\n$/, ''), origin };
  } catch (cause) {
    throw new ConfigError(`${key}: ${origin} cannot be read: ${(cause as Error).message}`);
  }
}

/** A misspelt variable would otherwise be a default that nobody wanted. */
function refuseUnknownVariables(environment: Environment): void {
  const known = new Set(CONFIG_KEYS.flatMap(variablesOf));
  const unknown = Object.keys(environment).filter(
    (variable) => variable.startsWith(VARIABLE_PREFIX) && variable !== FILE_VARIABLE && !known.has(variable),
  );
  if (unknown.length === 0) return;
  const names = unknown.sort().map(quoted).join(', ');
  throw new ConfigError(
    `unknown in the environment: ${names}. Variables that begin with ${VARIABLE_PREFIX} set keys of the configuration, and there are no such keys; docs/run.md lists them`,
  );
}

export function variablesOf({ variables, secret }: ConfigKey): string[] {
  return variables.flatMap((name) => (secret === undefined ? [name] : [name, `${name}_FILE`]));
}

/** What is no JSON stays a text, to be complained of. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What the file holds in place of a section stays there, to be complained of. */
function place(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let section = tree;
  for (const step of path.slice(0, -1)) {
    const inner = section[step] ?? {};
    if (!isSection(inner)) return;
    section = section[step] = inner;
  }
  section[path.at(-1) ?? ''] = value;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
