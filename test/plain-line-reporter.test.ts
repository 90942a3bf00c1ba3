import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const REPOSITORY = join(import.meta.dirname, '..');
const VITEST = join(REPOSITORY, 'node_modules/vitest/vitest.mjs');
const REPORTER = join(import.meta.dirname, 'plain-line-reporter.ts');

/** Runs one test file in a process of its own and returns the lines of its standard output. */
async function linesOfRun(testFile: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plain-line-'));
  try {
    await writeFile(join(folder, 'one.test.ts'), testFile);
    await writeFile(
      join(folder, 'vitest.config.ts'),
      `import { PlainLineReporter } from ${JSON.stringify(REPORTER)};
       export default { test: { globals: true, reporters: ['default', new PlainLineReporter()] } };`,
    );
    const child = spawn(process.execPath, [VITEST, 'run', '--root', folder], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return (await text(child.stdout)).trimEnd().split('\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.each([
  {
    what: 'tests',
    file: `test('a', () => {}); test('b', () => { throw new Error('no'); }); test('c', () => {});`,
    line: '2 passed, 1 failed',
  },
  {
    what: 'skipped tests',
    file: `test('a', () => {}); test.skip('b', () => {}); test.todo('c');`,
    line: '1 passed, 0 failed, 2 skipped',
  },
  {
    what: 'an unhandled error as failed',
    file: `test('a', () => { void Promise.reject(new Error('forgotten')); });`,
    line: '1 passed, 1 failed',
  },
  {
    what: 'a file that cannot be loaded as failed',
    file: `throw new Error('broken');`,
    line: '0 passed, 1 failed',
  },
  {
    what: 'a hook that throws as failed',
    file: `describe('s', () => { beforeAll(() => { throw new Error('no'); }); test('a', () => {}); }); test('b', () => {});`,
    line: '1 passed, 1 failed, 1 skipped',
  },
])('the last line counts $what', async ({ file, line }) => {
  expect((await linesOfRun(file)).at(-1)).toBe(line);
});

test('the reason of a skip is printed before the last line', async () => {
  const lines = await linesOfRun(`test('a', ({ skip }) => { skip('no engine here'); });`);

  expect(lines.slice(-2)).toEqual(['skipped: no engine here', '0 passed, 0 failed, 1 skipped']);
});
