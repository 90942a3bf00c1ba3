import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');

function run(example: string, ...args: string[]): string[] {
  const output = execFileSync(process.execPath, [join(EXAMPLES, example), ...args], { encoding: 'utf8' });
  return output.trimEnd().split('\n');
}

test('requests-per-minute counts each request once, also when it runs again', () => {
  const directory = mkdtempSync(join(tmpdir(), 'example-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const closed = [
    '2026-01-01T12:00:00.000Z  /pay  20',
    '2026-01-01T12:00:00.000Z  /search  40',
    '2026-01-01T12:01:00.000Z  /pay  20',
    '2026-01-01T12:01:00.000Z  /search  40',
  ];
  expect(run('requests-per-minute.ts', directory)).toEqual([...closed, '0 duplicates']);
  expect(run('requests-per-minute.ts', directory)).toEqual([...closed, '180 duplicates']);
});
