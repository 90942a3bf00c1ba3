import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

function runBench(args: readonly string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) =>
      done({ status: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test.each([
  [['nonsense']],
  [['toString']],
  [[]],
  [['schemas', 'embedded']],
  [['schemas', '--nonsense']],
  [['schemas', '--events', '5']],
  [['sinks', '--events', '5']],
  [['kafka', '--events', 'many']],
  [['kafka', '--variants', 'nonsense']],
])('npm run bench -- %j says how it is used, with status 2', async (args) => {
  const { status, stdout, stderr } = await runBench(args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^usage: npm run bench -- <embedded \| .*redis-sink.* \| sinks> \[--json\]\n {2}kafka: \[--events …\]/,
  );
});
