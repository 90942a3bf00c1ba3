import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DemoSummary } from '../../../cli/demo/summary.ts';

const CLI = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

export interface DemoProcess {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** How it ended: an exit code, or the name of the signal. */
  readonly ended: Promise<number | string>;
  /** Resolves with the first match in what is printed, on either stream; rejects when the process ends without. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** The processes that it has started, and those that these have. */
  readonly descendants: () => number[];
  readonly kill: (signal: NodeJS.Signals) => void;
}

export interface DemoProcessOptions {
  /** Arguments behind `demo`. */
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the command line's `demo` as people do. Redis and ClickHouse are its own unless the environment names them. */
export function startDemo({ args, environment = {} }: DemoProcessOptions): DemoProcess {
  return startProgram([CLI, 'demo', ...args], environment);
}

/** Starts a TypeScript program in a Node process of its own. */
export function startProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): DemoProcess {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, REDIS_URL: '', CLICKHOUSE_URL: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`no process for ${args.join(' ')}`);
  const text = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
      for (const listener of listeners) listener();
    });
  }
  return {
    pid,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(text.stdout) ?? pattern.exec(text.stderr);
          if (match === null) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then((how) =>
          reject(new Error(`ended (${how}) without printing ${String(pattern)}:\n${text.stderr}`)),
        );
      }),
    descendants: () => descendantsOf(pid),
    kill: (signal) => {
      child.kill(signal);
    },
  };
}

/** Runs the demo to its end with `--once --json`; throws with all that it printed if it fails. */
export async function runDemoOnce(options: DemoProcessOptions): Promise<DemoSummary> {
  const demo = startDemo({ ...options, args: [...options.args, '--once', '--json', '--port', '0'] });
  const how = await demo.ended;
  if (how !== 0) throw new Error(`the demo ended with ${how}:\n${demo.stderr()}`);
  return summaryOf(demo);
}

/** The last line of standard output. */
export function summaryOf(demo: DemoProcess): DemoSummary {
  const lines = demo.stdout().trimEnd().split('\n');
  return JSON.parse(lines.at(-1) ?? '') as DemoSummary;
}

export function isAlive(pid: number): boolean {
  return processes().some((entry) => entry.pid === pid);
}

function descendantsOf(pid: number): number[] {
  const all = processes();
  const found: number[] = [];
  for (let parents = [pid]; parents.length > 0;) {
    parents = all.filter(({ parent }) => parents.includes(parent)).map((entry) => entry.pid);
    found.push(...parents);
  }
  return found;
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
}

/** Those that still run: one that is over and waits for its parent to ask is none. */
function processes(): ProcessEntry[] {
  const listing = existsSync('/proc/self/stat') ? fromProc() : fromPs();
  return listing
    .filter(([, , state]) => state?.startsWith('Z') !== true)
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

type Listing = (readonly (string | undefined)[])[];

/** Also where there is no `ps`. The name in parentheses may hold anything; state and parent come behind it. */
function fromProc(): Listing {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [[pid, parent, state]];
    } catch {
      return [];
    }
  });
}

function fromPs(): Listing {
  const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  return listing
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
}
