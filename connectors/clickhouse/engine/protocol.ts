/**
 * What passes between the engine's process and whoever starts it: its settings as environment variables, and one
 * line of JSON on its standard output once it either listens or knows that it cannot.
 */
export const ENGINE_VARIABLES = {
  dataDir: 'CLICKHOUSE_ENGINE_DATA_DIR',
  database: 'CLICKHOUSE_ENGINE_DATABASE',
  port: 'CLICKHOUSE_ENGINE_PORT',
  writerPassword: 'CLICKHOUSE_ENGINE_WRITER_PASSWORD',
  lockTimeoutMs: 'CLICKHOUSE_ENGINE_LOCK_TIMEOUT_MS',
} as const;

/** The one user who may write. Everybody else reads, without a password. */
export const WRITER_USERNAME = 'writer';

export interface EngineSettings {
  /** Holds the engine's data and configuration. Made if it is missing. */
  readonly dataDir: string;
  /** What statements mean when they name no database. Made if it is missing. */
  readonly database: string;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  readonly writerPassword: string;
  /** How long a former engine, still closing, may keep its hands on the data. */
  readonly lockTimeoutMs: number;
}

export type EngineReport =
  | { readonly state: 'listening'; readonly port: number; readonly processId: number }
  | { readonly state: 'unavailable'; readonly reason: string };

/** The settings as the engine's process expects them in its environment. */
export function toEnvironment(settings: EngineSettings): Record<string, string> {
  return {
    [ENGINE_VARIABLES.dataDir]: settings.dataDir,
    [ENGINE_VARIABLES.database]: settings.database,
    [ENGINE_VARIABLES.port]: String(settings.port),
    [ENGINE_VARIABLES.writerPassword]: settings.writerPassword,
    [ENGINE_VARIABLES.lockTimeoutMs]: String(settings.lockTimeoutMs),
    // Every query holds one of Node's pool threads; an insert must find one free while readers keep theirs busy.
    UV_THREADPOOL_SIZE: '16',
  };
}

export function fromEnvironment(environment: NodeJS.ProcessEnv): EngineSettings {
  const read = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`${name} is not set`);
    return value;
  };
  return {
    dataDir: read(ENGINE_VARIABLES.dataDir),
    database: read(ENGINE_VARIABLES.database),
    port: Number(read(ENGINE_VARIABLES.port)),
    writerPassword: read(ENGINE_VARIABLES.writerPassword),
    lockTimeoutMs: Number(read(ENGINE_VARIABLES.lockTimeoutMs)),
  };
}

/** @returns undefined where the line is no report. */
export function parseReport(line: string): EngineReport | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const report = JSON.parse(line) as Partial<EngineReport>;
    return report.state === undefined ? undefined : (report as EngineReport);
  } catch {
    return undefined;
  }
}
