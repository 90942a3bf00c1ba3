import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';

/** Reads its standard input to the end, which comes when the parent dies, however it dies, then stops the program. */
const WATCHDOG =
  '"$@" </dev/null & child=$!; trap "kill -TERM $child" TERM INT; cat >/dev/null; kill -TERM $child 2>/dev/null; wait $child';

/**
 * Starts a program that never outlives this process: not even when this process is killed with SIGKILL. The
 * program gets SIGTERM, as it would from an operator.
 */
export function spawnTethered(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  return spawn('sh', ['-c', WATCHDOG, 'watchdog', command, ...args], {
    ...options,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Stops a tethered program and waits until it is gone. */
export async function stopTethered(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.end();
  await gone;
}
