import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';

/**
 * The shell becomes the program, which keeps the shell's process id: $$. Before, it leaves a process behind that
 * reads the lifeline, the other end of which this process holds, to its end: it comes when this process dies,
 * however it dies. Forked twice, so that the program has no child that it does not know. Signals for the whole
 * process group, such as Ctrl-C, do not end the watch.
 */
const TETHER = `
exec 3<&0 </dev/null
(
  trap '' TERM INT HUP QUIT
  ( cd /; while read -r _; do :; done; kill -TERM $$ ) <&3 3<&- >/dev/null 2>&1 &
)
exec "$@" 3<&-`;

/**
 * Starts a program that never outlives this process: not even when this process is killed with SIGKILL. The
 * program gets SIGTERM then, as it would from an operator. Its standard input is empty.
 */
export function spawnTethered(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  return spawn('sh', ['-c', TETHER, 'tether', command, ...args], {
    ...options,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Stops a tethered program and waits until it is gone. However often it is called, the program gets one SIGTERM. */
export async function stopTethered(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.end();
  await gone;
}
