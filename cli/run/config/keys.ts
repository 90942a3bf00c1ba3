import { z } from 'zod';
import { configSchema } from './config-schema.ts';
import { LEAF_FACTS } from './leaf.ts';
import type { LeafFacts } from './leaf.ts';

/** One key of the configuration, e.g. `kafka.clientId`. */
export interface ConfigKey extends LeafFacts {
  readonly key: string;
  readonly path: readonly string[];
  /** The variables that set it; of two that are set, the first counts. */
  readonly variables: readonly string[];
  /** It is a section whose names are free. A variable gives all of it, as JSON. */
  readonly hasEntries: boolean;
  /** Undefined where there is none, or where leaving it out means something of its own. */
  readonly usual: unknown;
}

/** Names by which these are known to other programs as well. */
const USUAL_VARIABLES: Readonly<Record<string, string>> = {
  'kafka.brokers': 'KAFKA_BROKERS',
  'registry.url': 'SCHEMA_REGISTRY_URL',
  'redis.url': 'REDIS_URL',
  'clickhouse.url': 'CLICKHOUSE_URL',
};

export const VARIABLE_PREFIX = 'INCIDENTS_';
/** Names the configuration file. */
export const FILE_VARIABLE = 'INCIDENTS_CONFIG';

/** Stands in a path for whatever an entry is called. */
export const ANY_NAME = '<name>';

export const CONFIG_KEYS: readonly ConfigKey[] = keysOf(configSchema, []);

/** The key that a value at this place belongs to: the path may lead into a list. */
export function keyAt(path: readonly PropertyKey[]): ConfigKey | undefined {
  return CONFIG_KEYS.find((key) => key.path.every((step, at) => isStep(step, path[at])));
}

/** Every variable that sets it, for a message; empty where there is none. */
export function variablesInWords({ variables }: ConfigKey): string {
  return variables.join(' or ');
}

/** What a section may hold, e.g. `brokers, clientId, …`. */
export function namesIn(section: readonly PropertyKey[]): string[] {
  const below = CONFIG_KEYS.filter(({ path }) => section.every((step, at) => isStep(path[at], step)));
  return [...new Set(below.map(({ path }) => path[section.length] ?? ''))].filter((name) => name !== '');
}

function keysOf(schema: z.core.$ZodType, path: readonly string[]): ConfigKey[] {
  const facts = LEAF_FACTS.get(schema as z.ZodType);
  if (facts !== undefined) {
    // The entries' keys come first: whoever looks for a place finds the closest.
    const entry = entryOf(schema);
    const below = entry === undefined ? [] : keysOf(entry, [...path, ANY_NAME]);
    return [...below, keyOf(schema, path, facts)];
  }
  const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) throw new TypeError(`${path.join('.')}: nothing is known of this key`);
  const shape = inner.shape as Readonly<Record<string, z.core.$ZodType>>;
  return Object.entries(shape).flatMap(([name, part]) => keysOf(part, [...path, name]));
}

function keyOf(schema: z.core.$ZodType, path: readonly string[], facts: LeafFacts): ConfigKey {
  const key = path.join('.');
  const own = VARIABLE_PREFIX + path.map(inCapitals).join('_');
  const usual = USUAL_VARIABLES[key];
  return {
    ...facts,
    key,
    path,
    variables: path.includes(ANY_NAME) ? [] : usual === undefined ? [own] : [own, usual],
    hasEntries: entryOf(schema) !== undefined,
    usual: schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined,
  };
}

/** What each entry holds, where the names are free. */
function entryOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const inner = schema instanceof z.ZodDefault ? schema.unwrap() : schema;
  return inner instanceof z.ZodRecord ? inner.valueType : undefined;
}

function isStep(step: string | undefined, given: PropertyKey | undefined): boolean {
  return step === given || (step === ANY_NAME && given !== undefined);
}

/** `clientId` as `CLIENT_ID`. */
function inCapitals(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
