import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';

/** An example at work, and the ids of the alerts that it has printed. */
export interface ExampleProcess {
  readonly ids: readonly string[];
  /** Resolves when it has printed so many. */
  printed(count: number): Promise<void>;
  /** Ends it and whatever it has started; resolves with its exit code, or the signal that ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string | null>;
}

/** Starts it in a group of its own, which ends with it. */
export function startExample(command: string, args: readonly string[], folder: string): ExampleProcess {
  const child = spawn(command, args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const ids: string[] = [];
  let complaints = '';
  createInterface(child.stdout).on('line', (line) => ids.push(idIn(line)));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  return {
    ids,
    async printed(count) {
      await expect
        .poll(() => (child.exitCode === null ? ids.length : complaints), { timeout: 50_000 })
        .toBeGreaterThanOrEqual(count);
    },
    async end(signal) {
      if (signal === 'SIGTERM') child.kill(signal);
      else process.kill(-child.pid!, signal);
      const [code, by] = await ended;
      return code ?? by;
    },
  };
}

/** As the TypeScript and the Python example print it, or as JSON. */
function idIn(line: string): string {
  if (line.startsWith('{')) return (JSON.parse(line) as { id: string }).id;
  return /^[A-Z]+ [A-Z_]+ (\S+) /.exec(line)?.[1] ?? line;
}
