import { expect, test } from 'vitest';
import { checkLayers } from './rules/layers.ts';
import { sourceOf } from './source.ts';

function complaints(path: string, text: string): string[] {
  return checkLayers([sourceOf(path, text)]).map(({ line, what }) => `${line}: ${what}`);
}

const BAD: readonly (readonly [path: string, text: string, what: string])[] = [
  [
    'streams/state/a.ts',
    "import { x } from '../processors/x.ts';",
    'streams/state imports streams/processors',
  ],
  [
    'streams/records/a.ts',
    "import type { X } from '../ports/x.ts';",
    'streams/records imports streams/ports',
  ],
  ['streams/graph/a.ts', "import { KStream } from '../dsl/kstream.ts';", 'streams/graph imports streams/dsl'],
  ['streams/dsl/a.ts', "import { readFile } from 'node:fs';", 'streams/dsl imports node:fs'],
  ['streams/state/a.ts', "import { open } from 'lmdb';", 'streams/state imports the package lmdb'],
  [
    'streams/state/a.ts',
    "import { open } from './lmdb/open.ts';",
    'streams/state imports streams/state/lmdb',
  ],
  ['streams/runtime/task/a.ts', "import { x } from '../embedded/x.ts';", 'imports streams/runtime/embedded'],
  [
    'streams/runtime/embedded/a.ts',
    "import { x } from '../test-driver/x.ts';",
    'imports streams/runtime/test-driver',
  ],
  [
    'streams/dsl/a.ts',
    "import { x } from '@incident-streams/streams';",
    'imports itself by its package name',
  ],
  ['streams/stray.ts', '', 'belongs to no layer'],
  [
    'topology/a.ts',
    "import { x } from '@incident-streams/streams/embedded';",
    'imports streams/runtime/embedded',
  ],
  ['topology/a.ts', "import { x } from '../connectors/redis/x.ts';", 'topology imports connectors/redis'],
  ['topology/a.ts', "import { x } from '../streams/dsl/x.ts';", 'reaches into the streams package'],
  ['topology/a.ts', "import { hash } from 'node:crypto';", 'topology imports node:crypto'],
  ['schemas/a.ts', "import { x } from '../topology/x.ts';", 'schemas imports topology'],
  ['connectors/redis/a.ts', "import { x } from '../http/x.ts';", 'connectors/redis imports connectors/http'],
  ['connectors/redis/a.ts', "import fastify from 'fastify';", 'connectors/redis imports the package fastify'],
  ['connectors/http/a.ts', "import { x } from '../../cli/x.ts';", 'connectors/http imports cli'],
  ['replay/a.ts', "import { x } from '../topology/x.ts';", 'replay imports topology'],
  ['examples/a.ts', "import { x } from '../streams/dsl/x.ts';", 'reaches into the streams package'],
  ['bench/a.ts', "import { x } from '../cli/x.ts';", 'bench imports cli'],
];

test.each(BAD)('%s: %s', (path, text, what) => {
  expect(complaints(path, text)).toEqual([expect.stringContaining(what)]);
});

const GOOD: readonly (readonly [path: string, text: string])[] = [
  [
    'streams/dsl/a.ts',
    "import { x } from '../graph/x.ts';\nimport type { Serde } from '../records/serde.ts';",
  ],
  ['streams/state/lmdb/a.ts', "import { open } from 'lmdb';\nimport { join } from 'node:path';"],
  [
    'streams/runtime/embedded/a.ts',
    "import { x } from '../task/x.ts';\nimport { y } from '../../state/lmdb/y.ts';",
  ],
  ['topology/a.ts', "import { x } from '@incident-streams/streams';\nimport { y } from '../schemas/y.ts';"],
  ['connectors/redis/a.ts', "import { Redis } from 'ioredis';\nimport source from './batch.lua';"],
  ['cli/a.ts', "import { x } from '../connectors/redis/x.ts';\nimport { y } from '../topology/y.ts';"],
  ['test/a.test.ts', "import { x } from '../streams/dsl/x.ts';"],
  ['eslint.config.ts', "import tseslint from 'typescript-eslint';"],
];

test.each(GOOD)('%s may: %s', (path, text) => {
  expect(complaints(path, text)).toEqual([]);
});

test('an import is seen in whatever form it is written', () => {
  const forms = [
    "import '../cli/x.ts';",
    "import type { X } from '../cli/x.ts';",
    "export { x } from '../cli/x.ts';",
    "export type { X } from '../cli/x.ts';",
    "type X = import('../cli/x.ts').X;",
    "const x = await import('../cli/x.ts');",
    "const y = require('../cli/x.ts');",
  ];
  const lines = checkLayers([sourceOf('topology/a.ts', forms.join('\n'))]).map(({ line }) => line);
  expect(lines).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
