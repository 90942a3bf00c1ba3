import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WRITER_USERNAME, parseReport, toEnvironment } from '../../connectors/clickhouse/engine/protocol.ts';
import type { EngineReport, EngineSettings } from '../../connectors/clickhouse/engine/protocol.ts';
import { hasEnded, spawnTethered, stopTethered } from './tethered-process.ts';

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
    const comeBack = (): void => void this.#comeBack();
    if (hasEnded(child)) comeBack();
    else child.once('exit', comeBack);
    return report;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#child !== undefined) await stopTethered(this.#child);
  }

  async #comeBack(): Promise<void> {
    while (!this.#stopped) {
      if ((await this.start()).state === 'listening') return;
      await sleep(RESTART_DELAY_MS, undefined, { ref: false });
    }
  }
}

/** What the engine says of itself first, or that it ends or goes on without a word. */
async function firstReport(child: ChildProcess, timeoutMs: number): Promise<EngineReport> {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = `${errors}${chunk.toString('utf8')}`.slice(-MAX_ERROR_BYTES);
  });
  const unavailable = (what: string): EngineReport => {
    const lastLine = errors.trim().split('\n').at(-1) ?? '';
    return {
      state: 'unavailable',
      reason: `the ClickHouse engine ${what}${lastLine === '' ? '' : `: ${lastLine}`}`,
    };
  };
  return new Promise((done) => {
    const timer = setTimeout(() => done(unavailable(`was not ready within ${timeoutMs} ms`)), timeoutMs);
    child.once('close', (status) => done(unavailable(`ended with status ${status} before it was ready`)));
    child.once('close', () => clearTimeout(timer));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const report = parseReport(line);
      if (report === undefined) return;
      clearTimeout(timer);
      done(report);
    });
  });
}
