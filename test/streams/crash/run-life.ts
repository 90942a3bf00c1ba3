import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Outcome } from '../outcome.ts';
import type { CrashLife } from './crash-life.ts';

export interface EndOfLife {
  /** Undefined where the process was killed before it was done. */
  readonly outcome: Outcome | undefined;
  /** How far the generator had been told that its records are durable. */
  readonly durable: number;
  readonly killed: boolean;
}

/** Runs one life in a process of its own, and kills it after a while if it is told to. */
export async function runLife(
  life: CrashLife,
  options: { readonly killAfterMs?: number } = {},
): Promise<EndOfLife> {
  const program = join(import.meta.dirname, 'crash-life.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(life)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (options.killAfterMs !== undefined && timer === undefined)
      timer = setTimeout(() => child.kill('SIGKILL'), options.killAfterMs);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the process ended with ${code ?? signal}`);
  const lines = output.split('\n').slice(0, -1);
  const last = lines.findLast((line) => line.startsWith('durable '));
  const outcome = lines.find((line) => line.startsWith('outcome '));
  return {
    outcome: outcome === undefined ? undefined : (JSON.parse(outcome.slice('outcome '.length)) as Outcome),
    durable: last === undefined ? 0 : Number(last.slice('durable '.length)),
    killed: signal === 'SIGKILL',
  };
}
