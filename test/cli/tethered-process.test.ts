import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { spawnTethered, stopTethered } from '../../cli/services/tethered-process.ts';

/** Says its process id, then waits, takes its time when it is told to stop, and ends with how often it was told. */
const PROGRAM = `
  let signals = 0;
  process.on('SIGTERM', () => {
    signals++;
    setTimeout(() => process.exit(signals), 300);
  });
  console.log(process.pid);
  setInterval(() => undefined, 1_000);`;

/** Owns a tethered program and passes on what it says. */
const PARENT = `
  import { spawnTethered } from './cli/services/tethered-process.ts';
  const child = spawnTethered(process.execPath, ['-e', process.argv[1]], JSON.parse(process.argv[2]));
  child.stdout.pipe(process.stdout);`;

/** Whether there is such a process or, with a negative id, one of that group, be it a zombie. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Those of a process group that run, by their process ids; no zombies, which stay as long as process 1 likes. */
function runningOf(group: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,pgid=,stat='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const [pid, pgid, state = 'Z'] = line.trim().split(/\s+/);
    return Number(pgid) === group && !state.startsWith('Z') ? [Number(pid)] : [];
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) return '';
  for await (const line of createInterface({ input: child.stdout })) return line;
  return '';
}

/** Leads a process group of its own, so that all that belongs to it can be seen. */
async function startTethered(program = PROGRAM): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawnTethered(process.execPath, ['-e', program], { detached: true });
  onTestFinished(() => stopTethered(child));
  const pid = Number(await firstLine(child));
  expect(pid).toBe(child.pid);
  return { child, pid };
}

test.each([
  ['with a status', 'process.exit(7)', [7, null]],
  ['well', '', [0, null]],
  ['by SIGKILL', 'process.kill(process.pid, "SIGKILL")', [null, 'SIGKILL']],
])('a program that ends %s is seen to end so, and nothing of it is left', async (_how, program, ending) => {
  const child = spawnTethered(process.execPath, ['-e', program], { detached: true });
  expect(await once(child, 'exit')).toEqual(ending);
  expect(exists(child.pid ?? 0)).toBe(false);
  await expect.poll(() => runningOf(child.pid ?? 0), { timeout: 50_000 }).toEqual([]);
});

test('a program that cannot be started is status 127, with a word on standard error', async () => {
  const child = spawnTethered('/nowhere/program', [], { detached: true });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  expect(await once(child, 'close')).toEqual([127, null]);
  expect(errors).toContain('/nowhere/program');
  await expect.poll(() => runningOf(child.pid ?? 0), { timeout: 50_000 }).toEqual([]);
});

test('arguments and output pass unchanged, and standard input is empty', async () => {
  const program = 'process.stdin.pipe(process.stdout).end(JSON.stringify(process.argv.slice(1)))';
  const args = ['a b', '$HOME', '"', "'", ''];
  const child = spawnTethered(process.execPath, ['-e', program, '--', ...args]);
  expect(JSON.parse(await firstLine(child))).toEqual(args);
});

test('stopping waits until the program has stopped in its own time, and leaves no process and no zombie', async () => {
  const { child, pid } = await startTethered();
  await stopTethered(child);
  expect(child.exitCode).toBe(1);
  expect(exists(pid)).toBe(false);
  await expect.poll(() => runningOf(pid), { timeout: 50_000 }).toEqual([]);
});

test('however often it is stopped, the program gets one SIGTERM', async () => {
  const { child } = await startTethered();
  await Promise.all([stopTethered(child), stopTethered(child)]);
  await stopTethered(child);
  expect(child.exitCode).toBe(1);
});

test('SIGTERM reaches the program itself', async () => {
  const { child, pid } = await startTethered();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([1, null]);
  await expect.poll(() => runningOf(pid), { timeout: 50_000 }).toEqual([]);
});

test.each(['stopped', 'signalled'])('a program that is %s the moment it is started is gone', async (how) => {
  for (let round = 0; round < 20; round++) {
    const child = spawnTethered('sleep', ['1000'], { detached: true });
    if (how === 'signalled') child.kill('SIGTERM');
    await stopTethered(child);
    await expect.poll(() => runningOf(child.pid ?? 0), { timeout: 50_000 }).toEqual([]);
  }
});

test('a program keeps its tether when its process group is signalled', async () => {
  const ignores = `process.on('SIGINT', () => 0); process.on('SIGHUP', () => 0); ${PROGRAM}`;
  const args = ['--input-type=module', '-e', PARENT, ignores, '{"detached":true}'];
  const parent = spawn(process.execPath, args);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const pid = Number(await firstLine(parent));
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.kill(-pid, signal);
  expect(runningOf(pid)).toHaveLength(2);
  parent.kill('SIGKILL');
  await expect.poll(() => runningOf(pid), { timeout: 50_000 }).toEqual([]);
});

test.each([{ detached: true }, { detached: false }])(
  'kill -9 of the parent stops the program (%o)',
  async (options) => {
    const args = ['--input-type=module', '-e', PARENT, PROGRAM, JSON.stringify(options)];
    const parent = spawn(process.execPath, args, { detached: true });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const pid = Number(await firstLine(parent));
    const group = options.detached ? pid : (parent.pid ?? 0);
    expect(runningOf(group)).toContain(pid);
    parent.kill('SIGKILL');
    await expect.poll(() => runningOf(group), { timeout: 50_000 }).toEqual([]);
  },
);
