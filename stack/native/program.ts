import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { hasEnded, spawnTethered, stopTethered } from '../../cli/services/tethered-process.ts';
import type { RunningService } from './running-service.ts';

export const OUTPUT_FILE = 'output.log';
const READY_MS = 90_000;
const ASK_AGAIN_MS = 100;
const ASK_MS = 5_000;
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
}

/** Starts a program that dies with this process, and waits until it answers. */
export async function startProgram(program: Program): Promise<RunningService> {
  const child = spawnTethered(program.command, program.args, {
    cwd: program.folder,
    env: { ...process.env, ...program.environment },
    ...program.user,
  });
  const logFile = join(program.folder, OUTPUT_FILE);
  const log = createWriteStream(logFile);
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.once('close', () => log.end());

  const stop = async (): Promise<void> => {
    await stopTethered(child);
    if (!log.writableFinished) await once(log, 'finish');
  };
  const startedAt = Date.now();
  let last: unknown;
  while (!hasEnded(child) && Date.now() - startedAt < READY_MS) {
    try {
      await answerWithin(program.ask, ASK_MS);
      return { url: program.url, stop };
    } catch (error) {
      last = error;
      await sleep(ASK_AGAIN_MS);
    }
  }
  await stop();
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
  throw new Error(`${program.command} did not come up (${String(last)}); the end of its output:\n${lines}`);
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
