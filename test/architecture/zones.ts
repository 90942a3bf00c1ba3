/**
 * Who may import whom. A zone is a folder (or a file) with the zones it may lean on; the most specific prefix
 * wins. Inside its own zone a file may import what it likes, as long as no cycle comes of it.
 */
export interface Zone {
  readonly name: string;
  /** Folders end in a slash; anything else is one file. */
  readonly paths: readonly string[];
  /** Names of zones, or '*' for all of them. */
  readonly imports: readonly string[];
  /** Packages by name, or '*' for all that package.json declares. */
  readonly packages: readonly string[];
  /** Whether modules of Node may be used. */
  readonly node: boolean;
  /** The output must follow from the input alone: no clock, chance, timer, or anything else of the outside. */
  readonly pure: boolean;
}

const CORE = [
  'streams/records',
  'streams/ports',
  'streams/state',
  'streams/processors',
  'streams/graph',
  'streams/dsl',
];
const PUBLIC_STREAMS = [
  'streams',
  'streams/runtime/embedded',
  'streams/runtime/test-driver',
  'streams/runtime/kafka',
];

/** Only computes, so it may be used wherever data of people or of other systems comes in. */
const VALIDATION = 'zod';

function pure(
  name: string,
  paths: readonly string[],
  imports: readonly string[],
  packages: readonly string[] = [],
): Zone {
  return { name, paths, imports, packages, node: false, pure: true };
}

function outer(name: string, imports: readonly string[], packages: readonly string[] = []): Zone {
  return { name, paths: [`${name}/`], imports, packages, node: true, pure: false };
}

function connector(name: string, ...packages: string[]): Zone {
  return outer(`connectors/${name}`, ['streams', 'schemas'], packages);
}

export const ZONES: readonly Zone[] = [
  pure('streams/records', ['streams/errors.ts', 'streams/records/'], []),
  pure('streams/ports', ['streams/ports/'], CORE.slice(0, 1)),
  pure('streams/state', ['streams/state/'], CORE.slice(0, 2)),
  outer('streams/state/lmdb', CORE.slice(0, 3), ['lmdb']),
  pure('streams/processors', ['streams/processors/'], CORE.slice(0, 3)),
  pure('streams/graph', ['streams/graph/'], CORE.slice(0, 4)),
  pure('streams/dsl', ['streams/dsl/'], CORE.slice(0, 5)),
  pure('streams', ['streams/index.ts'], CORE),
  pure('streams/runtime/task', ['streams/runtime/task/'], CORE),
  pure('streams/runtime/test-driver', ['streams/runtime/test-driver/'], [...CORE, 'streams/runtime/task']),
  outer('streams/runtime/sinks', CORE),
  outer(
    'streams/runtime/embedded',
    [...CORE, 'streams/state/lmdb', 'streams/runtime/task', 'streams/runtime/sinks'],
    ['lmdb'],
  ),
  outer(
    'streams/runtime/kafka',
    [...CORE, 'streams/state/lmdb', 'streams/runtime/task', 'streams/runtime/sinks'],
    ['lmdb'],
  ),

  outer('schemas', ['streams'], ['avsc', '@kafkajs/confluent-schema-registry', VALIDATION]),
  pure('topology', ['topology/'], ['streams', 'schemas'], [VALIDATION]),
  outer('replay', ['streams', 'schemas'], [VALIDATION]),

  outer('connectors/kafka', ['streams', 'streams/runtime/kafka'], ['@platformatic/kafka']),
  connector('schema-registry', '@kafkajs/confluent-schema-registry'),
  connector('redis', 'ioredis'),
  connector('clickhouse', '@clickhouse/client', 'chdb'),
  connector('postgres', 'pg'),
  connector('mysql', 'mysql2'),
  connector('http', 'fastify', VALIDATION),
  connector('webhook'),

  outer('cli', ['*'], ['*']),
  outer('stack', ['streams', 'cli'], ['commander', VALIDATION]),
  outer('bench', [...PUBLIC_STREAMS, 'schemas', 'topology', 'replay', 'connectors/*', 'stack'], ['*']),
  outer('examples', [...PUBLIC_STREAMS, 'schemas', 'topology', 'connectors/*'], ['*']),
  outer('test', ['*'], ['*']),
];

export function zoneOf(path: string): Zone | undefined {
  let best: Zone | undefined;
  let bestLength = 0;
  for (const zone of ZONES) {
    for (const prefix of zone.paths) {
      const inside = prefix.endsWith('/') ? path.startsWith(prefix) : path === prefix;
      if (inside && prefix.length > bestLength) [best, bestLength] = [zone, prefix.length];
    }
  }
  return best;
}

/** Whether a file of the one zone may import a file of the other. */
export function mayImport(from: Zone, to: Zone): boolean {
  if (from === to || from.imports.includes('*') || from.imports.includes(to.name)) return true;
  return from.imports.some((allowed) => allowed.endsWith('/*') && to.name.startsWith(allowed.slice(0, -1)));
}
