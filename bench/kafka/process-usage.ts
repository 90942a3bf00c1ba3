import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What another process has used so far, by the kernel's own account: Linux only. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** The largest resident set so far. */
  readonly maxRssMb: number;
}

let ticksPerSecond: number | undefined;

export function usageOf(pid: number): ProcessUsage {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets, which may hold spaces; user and system time are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const peakKib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return { cpuSeconds: ticks / ticksPerSecond, maxRssMb: Number(peakKib) / 1024 };
}
