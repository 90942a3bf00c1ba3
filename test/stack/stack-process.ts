import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { portsFrom, waitForPorts } from '../../stack/ports.ts';
import { ROOT } from './compose-file.ts';

/** Every process that the stack starts inherits this variable, by which it is found again. */
const MARK = 'STACK_TEST_MARK';
const RUNNING = 'Running until Ctrl-C.';
/** Below the ports that the system hands out by itself. */
const OFFSETS = { lowest: 10_000, count: 12_000 };

/** `npm run stack` as a process of its own. */
export interface StackProcess {
  readonly child: ChildProcess;
  readonly mark: string;
  /** What it has printed so far, errors too. */
  output(): string;
  /** Resolves when it says that it runs; rejects with its output where it ends before. */
  readonly running: Promise<void>;
  /** Its exit status; null where a signal ended it. */
  readonly exited: Promise<number | null>;
}

export function spawnStack(args: readonly string[]): StackProcess {
  const mark = crypto.randomUUID();
  const child = spawn(process.execPath, [join(ROOT, 'stack/main.ts'), ...args], {
    env: { ...process.env, [MARK]: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit').then(([status]) => status as number | null);
  const running = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output += `${line}\n`;
      if (line === RUNNING) resolve();
    });
    void exited.then((status) => reject(new Error(`the stack ended with ${status}:\n${output}`)));
  });
  running.catch(() => undefined);
  return { child, mark, output: () => output, running, exited };
}

/** An offset that brings every port of the stack to one that nobody uses. */
export async function freeOffset(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const offset = OFFSETS.lowest + Math.floor(Math.random() * OFFSETS.count);
    const free = await waitForPorts(portsFrom(offset), 0).then(
      () => true,
      () => false,
    );
    if (free) return offset;
  }
  throw new Error('no offset found at which all ports are free');
}

/** The ids of the processes that a stack has started and that are still there, itself included. */
export async function processesOf({ mark }: StackProcess): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const looks = ids.map(async (id) => {
    const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '');
    return environment.includes(`${MARK}=${mark}`) ? [Number(id)] : [];
  });
  return (await Promise.all(looks)).flat();
}
