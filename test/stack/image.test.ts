import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { importsOf, targetOf } from '../architecture/imports.ts';
import { IMAGES } from '../../stack/versions.ts';
import { ROOT, textOf } from './compose-file.ts';

const lines = textOf('Dockerfile').split('\n');
const instructions = lines.filter((line) => /^[A-Z]+ /.test(line));
const inLastStage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));

/** Every file of this project that a file leads to by its imports, itself included. */
function reachableFrom(path: string, known = new Set<string>()): Set<string> {
  if (known.has(path) || !path.endsWith('.ts')) return known;
  known.add(path);
  const text = readFileSync(join(ROOT, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  for (const { specifier, typeOnly } of importsOf({ path, text, tree })) {
    const target = targetOf(path, specifier);
    if (!typeOnly && target.kind === 'file') reachableFrom(target.path, known);
  }
  return known;
}

test('every stage begins with the release of Node that is used everywhere', () => {
  const stages = instructions.filter((line) => line.startsWith('FROM '));

  expect(stages.length).toBeGreaterThan(1);
  for (const stage of stages) expect(stage.split(' ')[1]).toBe(IMAGES.node);
});

test('the pipeline runs as somebody who is not root, and hears SIGTERM itself', () => {
  expect(inLastStage).toContain('USER node');
  expect(inLastStage).toContain('STOPSIGNAL SIGTERM');
  expect(inLastStage).toContain('ENTRYPOINT ["node", "cli/main.ts", "run"]');
});

test('everything that the command line leads to is let into the image, and tests are not', () => {
  const allowed = textOf('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const needed = reachableFrom('cli/main.ts');

  expect(needed.size).toBeGreaterThan(100);
  const missing = [...needed].filter((path) => !allowed.some((prefix) => path.startsWith(prefix)));
  expect(missing).toEqual([]);
  expect(allowed.filter((path) => /^(test|bench|stack|data|node_modules)/.test(path))).toEqual([]);
  for (const path of allowed) expect(statSync(join(ROOT, path)).isDirectory()).toBe(path.endsWith('/'));
});
