import { expect, test } from 'vitest';
import { checkPurity } from './rules/purity.ts';
import { sourceOf } from './source.ts';

function named(text: string, path = 'topology/a.ts'): string[] {
  return checkPurity([sourceOf(path, text)]).map(({ what }) => what.split(' ')[0] ?? '');
}

test.each([
  ['const t = Date.now();', 'Date'],
  ['const t = new Date();', 'Date'],
  ['const local = new Date(ms).getHours();', 'Date'],
  ['const now = Date.now; now();', 'Date'],
  ['const t = performance.now();', 'performance'],
  ['const r = Math.random();', 'Math.random'],
  ['setTimeout(() => {}, 1);', 'setTimeout'],
  ['setInterval(f, 1);', 'setInterval'],
  ['setImmediate(f);', 'setImmediate'],
  ['queueMicrotask(f);', 'queueMicrotask'],
  ['const e = process.env.HOME;', 'process'],
  ['const o = { process };', 'process'],
  ['const id = crypto.randomUUID();', 'crypto'],
  ['const t = globalThis.Date.now();', 'globalThis'],
  ["await fetch('http://localhost');", 'fetch'],
  ["console.log('x');", 'console'],
  ['const here = import.meta.dirname;', 'import.meta'],
  ['names.sort((a, b) => a.localeCompare(b));', 'localeCompare'],
  ['const text = count.toLocaleString();', 'toLocaleString'],
  ['function f(process: string) { return process; }\nprocess.exit(1);', 'process'],
])('%s is not reproducible', (text, name) => {
  expect(named(text)).toEqual([name]);
});

test.each([
  ['stream.process(supplier);'],
  ['class Task { process(record: number): void {} }'],
  ['function run(process: () => void): void { process(); }'],
  ['const { crypto: hash } = parts; hash();'],
  ['interface Clock { readonly performance: number; setTimeout(ms: number): void }'],
  ['const time = new Date(ms).toISOString();'],
  ['const start = Date.UTC(2026, 0, 1);'],
  ['const max = Math.max(1, 2);'],
  ["const word = 'Date.now()'; // Date.now()"],
])('%s is fine', (text) => {
  expect(named(text)).toEqual([]);
});

test('the core and the topology are pure; runtimes, stores on disk, connectors and the cli are not', () => {
  const folders = [
    'records',
    'ports',
    'state',
    'processors',
    'graph',
    'dsl',
    'runtime/task',
    'runtime/test-driver',
  ];
  for (const folder of folders) expect(named('Date.now();', `streams/${folder}/a.ts`)).toEqual(['Date']);
  for (const path of [
    'streams/state/lmdb/a.ts',
    'streams/runtime/embedded/a.ts',
    'connectors/redis/a.ts',
    'cli/a.ts',
  ]) {
    expect(named('Date.now();', path)).toEqual([]);
  }
});
