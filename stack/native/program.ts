import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { hasEnded, spawnTethered, stopTethered } from '../../cli/services/tethered-process.ts';
import type { RunningProgram } from './running-service.ts';

export const OUTPUT_FILE = 'output.log';
const PREVIOUS_OUTPUT_FILE = 'output.previous.log';
const READY_MS = 180_000;
const ASK_AGAIN_MS = 100;
const ASK_MS = 5_000;
const STOP_MS = 30_000;
const LOG_LINES_SHOWN = 15;

export interface Program {
  readonly url: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The working folder; the program's output goes to OUTPUT_FILE in it. */
  readonly folder: string;
  /** Resolves when the service answers; throws while it does not. */
  readonly ask: () => Promise<unknown>;
  readonly environment?: Record<string, string>;
  /** Whom to run it as, where this process may choose. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** How long it may take to stop before it is killed. Default 30,000. */
  readonly stopMs?: number;
}

/** Starts a program that dies with this process, and waits until it answers. */
export async function startProgram(program: Program): Promise<RunningProgram> {
  const logFile = join(program.folder, OUTPUT_FILE);
  await rename(logFile, join(program.folder, PREVIOUS_OUTPUT_FILE)).catch(() => undefined);
  await writeFile(logFile, '');
  const running = run(program, logFile);
  const startedAt = Date.now();
  let last: unknown;
  while (!running.hasEnded() && Date.now() - startedAt < READY_MS) {
    try {
      await answerWithin(program.ask, ASK_MS);
      return running;
    } catch (error) {
      last = error;
      await sleep(ASK_AGAIN_MS);
    }
  }
  await running.stop();
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
  throw new Error(`${program.command} did not come up (${String(last)}); the end of its output:\n${lines}`);
}

function run(program: Program, logFile: string): RunningProgram {
  const child = spawnTethered(program.command, program.args, {
    cwd: program.folder,
    env: { ...process.env, ...program.environment },
    // Ctrl-C is for the parent alone, which stops its programs in an order.
    detached: true,
    ...program.user,
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.once('close', () => log.end());
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (status, signal) => resolve(signal ?? `status ${status}`));
  });
  const logWritten = async (): Promise<void> => {
    if (!log.writableFinished) await once(log, 'finish');
  };
  return {
    url: program.url,
    processId: child.pid ?? 0,
    hasEnded: () => hasEnded(child),
    ended,
    stop: async () => {
      const tooLate = setTimeout(() => child.kill('SIGKILL'), program.stopMs ?? STOP_MS);
      await stopTethered(child);
      clearTimeout(tooLate);
      await logWritten();
    },
    kill: async () => {
      child.kill('SIGKILL');
      if (!hasEnded(child)) await ended;
      await logWritten();
    },
  };
}

async function answerWithin(ask: () => Promise<unknown>, limitMs: number): Promise<void> {
  const limit = new AbortController();
  const tooLate = sleep(limitMs, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`no answer within ${limitMs} ms`);
  });
  try {
    await Promise.race([ask(), tooLate]);
  } finally {
    limit.abort();
    tooLate.catch(() => undefined);
  }
}
