import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadProject } from './source.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'architecture-'));
  git('init', '-q');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: root });
}

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

test('what is tracked and what is about to be is read, what is ignored is not', () => {
  write('.gitignore', 'ignored.ts\n');
  write('tracked.ts', 'export const x = 1;');
  git('add', '.');
  write('new.md', '# New');
  write('ignored.ts', '');
  const sources = loadProject(root);
  expect(sources.map(({ path }) => path)).toEqual(['.gitignore', 'new.md', 'tracked.ts']);
  expect(sources.map(({ tree }) => tree !== null)).toEqual([false, false, true]);
});

test('a file that is gone from the disk, or holds no text, is left out', () => {
  write('gone.ts', '');
  write('picture.png', 'PNG\0');
  git('add', '.');
  rmSync(join(root, 'gone.ts'));
  expect(loadProject(root)).toEqual([]);
});
