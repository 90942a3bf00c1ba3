import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WRITER_USERNAME, parseReport, toEnvironment } from '../../connectors/clickhouse/engine/protocol.ts';
import { usageOf } from '../kafka/process-usage.ts';

/** What the sinks and the client of a benchmark connect with. */
export interface EngineConnection {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface ThrowawayEngine {
  readonly connection: EngineConnection;
  /** What it and this process have used so far, by the kernel's account: Linux only. */
  readonly cpuSeconds: () => number;
}

const ENGINE = fileURLToPath(new URL('../../connectors/clickhouse/engine/main.ts', import.meta.url));
const PASSWORD = 'bench';

/** Runs `work` against an embedded engine of its own, in a process beside this one, and removes it again. */
export async function withThrowawayEngine<T>(work: (engine: ThrowawayEngine) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'clickhouse-bench-'));
  const settings = { dataDir, database: 'history', port: 0, writerPassword: PASSWORD, lockTimeoutMs: 0 };
  const child = spawn(process.execPath, [ENGINE], {
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...toEnvironment(settings) },
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const port = await portOf(child.stdout);
    return await work({
      connection: { url: `http://127.0.0.1:${port}`, username: WRITER_USERNAME, password: PASSWORD },
      cpuSeconds: () => cpuSecondsOf(process.pid) + cpuSecondsOf(child.pid),
    });
  } finally {
    child.kill('SIGTERM');
    await gone;
    await rm(dataDir, { recursive: true, force: true });
  }
}

function cpuSecondsOf(processId: number | undefined): number {
  return process.platform === 'linux' && processId !== undefined ? usageOf(processId).cpuSeconds : NaN;
}

async function portOf(output: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface({ input: output })) {
    const report = parseReport(line);
    if (report?.state === 'unavailable') throw new Error(report.reason);
    if (report?.state === 'listening') return report.port;
  }
  throw new Error('the engine ended before it was ready');
}
