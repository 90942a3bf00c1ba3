import { expect, test } from 'vitest';
import { checkCycles } from './rules/cycles.ts';
import { sourceOf } from './source.ts';

test('a cycle is reported once, as the shortest way round', () => {
  const sources = [
    sourceOf('cli/a.ts', "\nimport { b } from './b.ts';"),
    sourceOf('cli/b.ts', "import { c } from './c.ts';"),
    sourceOf('cli/c.ts', "import { a } from './a.ts';"),
    sourceOf('cli/d.ts', "import { a } from './a.ts';"),
  ];
  expect(checkCycles(sources)).toMatchObject([
    { file: 'cli/a.ts', line: 2, what: 'import cycle: cli/a.ts → cli/b.ts → cli/c.ts → cli/a.ts' },
  ]);
});

test('a cycle of types counts', () => {
  const sources = [
    sourceOf('cli/a.ts', "import type { B } from './b.ts';"),
    sourceOf('cli/b.ts', "type A = import('./a.ts').A;"),
  ];
  expect(checkCycles(sources)).toHaveLength(1);
});

test('a file that imports itself is a cycle', () => {
  expect(checkCycles([sourceOf('cli/a.ts', "import './a.ts';")])).toHaveLength(1);
});

test('two ways to the same file are no cycle', () => {
  const sources = [
    sourceOf('cli/a.ts', "import './b.ts';\nimport './c.ts';"),
    sourceOf('cli/b.ts', "import './d.ts';"),
    sourceOf('cli/c.ts', "import './d.ts';"),
    sourceOf('cli/d.ts', "import 'node:fs';"),
  ];
  expect(checkCycles(sources)).toEqual([]);
});

test('the types of the fluent interface may name each other; what runs may not go round', () => {
  const stream = sourceOf('streams/dsl/kstream.ts', "import { KTable } from './ktable.ts';");
  const types = sourceOf('streams/dsl/ktable.ts', "import type { KStream } from './kstream.ts';");
  const runs = sourceOf('streams/dsl/ktable.ts', "import { KStream } from './kstream.ts';");
  expect(checkCycles([stream, types])).toEqual([]);
  expect(checkCycles([stream, runs])).toHaveLength(1);
});

test('the exception ends at the folder: types may not go round through another one', () => {
  const dsl = sourceOf('streams/dsl/a.ts', "import type { B } from '../graph/b.ts';");
  const graph = sourceOf('streams/graph/b.ts', "import type { A } from '../dsl/a.ts';");
  expect(checkCycles([dsl, graph])).toHaveLength(1);
});
