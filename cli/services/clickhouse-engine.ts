import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WRITER_USERNAME, parseReport, toEnvironment } from '../../connectors/clickhouse/engine/protocol.ts';
import type { EngineReport, EngineSettings } from '../../connectors/clickhouse/engine/protocol.ts';
import { spawnTethered, stopTethered } from './tethered-process.ts';

export interface ClickHouseEngineOptions {
  /** Holds its data. Made if it is missing. */
  readonly dataDir: string;
  /** The database that statements mean when they name none. Default `history`. */
  readonly database?: string;
  /** On 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** How long a former engine, still closing, may keep the data. Default 30,000. */
  readonly lockTimeoutMs?: number;
}

export interface StartedClickHouseEngine {
  /** Open to every reader on this machine. */
  readonly url: string;
  readonly database: string;
  /** Who may write. The password is made anew at each start. */
  readonly writer: { readonly username: string; readonly password: string };
  /** The engine's process, which changes when the engine comes back from a crash. */
  readonly processId: () => number;
  readonly stop: () => Promise<void>;
}

/** Why there is no engine, and how to turn it on, in words for a person. */
export interface UnavailableClickHouseEngine {
  readonly unavailable: string;
}

const PROGRAM = fileURLToPath(new URL('../../connectors/clickhouse/engine/main.ts', import.meta.url));
const RESTART_DELAY_MS = 250;
const START_TIMEOUT_MS = 60_000;
const MAX_ERROR_BYTES = 4096;

/**
 * Starts ClickHouse's engine in a process of its own, behind ClickHouse's HTTP interface. It stops with this
 * process, however this process ends, and is started again, at the same URL, when it ends by itself.
 */
export async function startClickHouseEngine(
  options: ClickHouseEngineOptions,
): Promise<StartedClickHouseEngine | UnavailableClickHouseEngine> {
  if (process.platform === 'win32') {
    return {
      unavailable: 'chdb has no build for Windows: start this in WSL 2, or set CLICKHOUSE_URL to a server',
    };
  }
  const settings: EngineSettings = {
    dataDir: resolve(options.dataDir),
    database: options.database ?? 'history',
    port: options.port ?? 0,
    writerPassword: randomBytes(24).toString('base64url'),
    lockTimeoutMs: options.lockTimeoutMs ?? 30_000,
  };
  await mkdir(settings.dataDir, { recursive: true });
  const engine = new SupervisedEngine(settings);
  const report = await engine.start();
  if (report.state === 'unavailable') {
    return { unavailable: `${report.reason}. Or set CLICKHOUSE_URL to a ClickHouse server of yours` };
  }
  return {
    url: `http://127.0.0.1:${report.port}`,
    database: settings.database,
    writer: { username: WRITER_USERNAME, password: settings.writerPassword },
    processId: () => engine.processId,
    stop: () => engine.stop(),
  };
}

class SupervisedEngine {
  #settings: EngineSettings;
  #child: ChildProcess | undefined;
  #processId = 0;
  #stopped = false;

  constructor(settings: EngineSettings) {
    this.#settings = settings;
  }

  get processId(): number {
    return this.#processId;
  }

  async start(): Promise<EngineReport> {
    const child = spawnTethered(process.execPath, [PROGRAM], {
      cwd: this.#settings.dataDir,
      env: { ...process.env, NODE_OPTIONS: '', ...toEnvironment(this.#settings) },
      // Ctrl-C is for the parent alone: it has something left to write.
      detached: true,
    });
    this.#child = child;
    const report = await firstReport(child, this.#settings.lockTimeoutMs + START_TIMEOUT_MS);
    if (report.state === 'unavailable') {
      await stopTethered(child);
      return report;
    }
    this.#processId = report.processId;
    this.#settings = { ...this.#settings, port: report.port };
    this.#watch(child, report.port);
    return report;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#child !== undefined) await stopTethered(this.#child);
  }

  /** The tether outlives the engine, but the engine's end closes its connections, however it ends. */
  #watch(child: ChildProcess, port: number): void {
    const lifeline = connect(port, '127.0.0.1');
    lifeline.on('error', () => undefined);
    lifeline.once('close', () => void this.#comeBack(child));
    lifeline.unref();
  }

  async #comeBack(child: ChildProcess): Promise<void> {
    await stopTethered(child);
    while (!this.#stopped) {
      if ((await this.start()).state === 'listening') return;
      await sleep(RESTART_DELAY_MS, undefined, { ref: false });
    }
    if (this.#child !== undefined) await stopTethered(this.#child);
  }
}

/** What the engine says of itself first, or that it says nothing. */
async function firstReport(child: ChildProcess, timeoutMs: number): Promise<EngineReport> {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = `${errors}${chunk.toString('utf8')}`.slice(-MAX_ERROR_BYTES);
  });
  const silence = new AbortController();
  const gaveUp = sleep(timeoutMs, undefined, { signal: silence.signal }).then((): EngineReport => {
    const lastLine = errors.trim().split('\n').at(-1);
    return {
      state: 'unavailable',
      reason: `the ClickHouse engine was not ready within ${timeoutMs} ms${lastLine === undefined ? '' : `: ${lastLine}`}`,
    };
  });
  gaveUp.catch(() => undefined);
  try {
    return await Promise.race([reportOf(child), gaveUp]);
  } finally {
    silence.abort();
  }
}

function reportOf(child: ChildProcess): Promise<EngineReport> {
  return new Promise((done) => {
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const report = parseReport(line);
      if (report !== undefined) done(report);
    });
  });
}
