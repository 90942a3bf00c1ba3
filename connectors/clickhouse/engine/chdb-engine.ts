import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChdbAddon, ChdbConnection } from './chdb-addon.ts';
import { prepareDataDir } from './engine-configuration.ts';
import type { EnginePaths } from './engine-configuration.ts';
import { EngineError, toEngineError } from './engine-error.ts';
import { insertFromFile, takesFile, takesValues } from './insert-statement.ts';
import { Limiter } from './limiter.ts';
import { checkReaderStatement } from './reader-guard.ts';
import { RowFiles } from './row-file.ts';

export interface Statement {
  readonly sql: string;
  /** Rows for an INSERT, in the format that the statement names. */
  readonly rows?: AsyncIterable<Uint8Array>;
  /** The output format where the statement names none. */
  readonly format: string;
  readonly database: string;
  /** By name; a parameter of the statement is the setting `param_<its name>`. */
  readonly settings: ReadonlyMap<string, string>;
  readonly access: 'read' | 'write';
}

export interface StatementResult {
  readonly body: Buffer;
  readonly elapsedSeconds: number;
  readonly readRows: number;
  readonly readBytes: number;
  readonly writtenRows: number;
  readonly writtenBytes: number;
}

const SETTING_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Defaults for readers, who may set others. A result is held in memory as a whole. */
const READER_DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['max_execution_time', '60'],
  ['max_result_bytes', '268435456'],
]);
const NO_ROWS = Buffer.alloc(0);
const LOCK_POLL_MS = 50;

/**
 * chDB on one data directory. Settings, parameters and the current database stick to a chDB connection, so every
 * statement gets one of its own: opening it takes a fraction of a millisecond, and nothing leaks into the next.
 */
export class ChdbEngine {
  readonly #addon: ChdbAddon;
  readonly #paths: EnginePaths;
  readonly #readers = new Limiter({ maxRunning: 8, maxWaiting: 256 });
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #rowFiles: RowFiles;
  #closing = false;
  /** Keeps the engine up between statements. */
  readonly #anchor: ChdbConnection;

  private constructor(addon: ChdbAddon, paths: EnginePaths) {
    this.#addon = addon;
    this.#paths = paths;
    this.#anchor = this.#connect();
    this.#rowFiles = new RowFiles(paths.incoming);
  }

  /** Opens the directory, and waits up to `lockTimeoutMs` for another process to let go of it. */
  static async open(addon: ChdbAddon, dataDir: string, lockTimeoutMs: number): Promise<ChdbEngine> {
    const paths = prepareDataDir(dataDir);
    const deadlineMs = performance.now() + lockTimeoutMs;
    for (;;) {
      try {
        return new ChdbEngine(addon, paths);
      } catch (error) {
        const owner = ownerOf(paths.data);
        if (owner === undefined) throw error;
        if (performance.now() > deadlineMs) {
          throw new Error(`process ${owner} is still using ${dataDir}: stop it first`, { cause: error });
        }
        await sleep(LOCK_POLL_MS);
      }
    }
  }

  /** @throws {EngineError} in the engine's words. */
  async run(statement: Statement): Promise<StatementResult> {
    if (this.#closing) throw new EngineError('Code: 236. DB::Exception: The engine is closing. (ABORTED)');
    const running =
      statement.access === 'read' ? this.#readers.run(() => this.#run(statement)) : this.#run(statement);
    this.#inFlight.add(running);
    try {
      return await running;
    } catch (error) {
      throw toEngineError(error);
    } finally {
      this.#inFlight.delete(running);
    }
  }

  /** Waits for what is running, then releases the directory. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#inFlight);
    await this.#rowFiles.close();
    this.#addon.CloseConnection(this.#anchor);
  }

  #connect(): ChdbConnection {
    return this.#addon.CreateConnection(this.#paths.data, [`--config-file=${this.#paths.configuration}`]);
  }

  async #run(statement: Statement): Promise<StatementResult> {
    const connection = this.#connect();
    try {
      await this.#prepare(connection, statement);
      if (statement.access === 'read') await this.#guard(connection, statement);
      return await this.#execute(connection, statement);
    } finally {
      this.#addon.CloseConnection(connection);
    }
  }

  async #prepare(connection: ChdbConnection, statement: Statement): Promise<void> {
    await this.#addon.QueryAsyncConnection(connection, `USE ${quoteIdentifier(statement.database)}`, 'Null');
    const set = settingsClause(statement);
    if (set !== '') await this.#addon.QueryAsyncConnection(connection, `SET ${set}`, 'Null');
  }

  async #guard(connection: ChdbConnection, { sql, database, settings }: Statement): Promise<void> {
    const analysis = await this.#addon.DurableClassifyAsync(connection, sql, database);
    checkReaderStatement(analysis, sql, settings.values());
  }

  async #execute(connection: ChdbConnection, { sql, rows, format }: Statement): Promise<StatementResult> {
    if (rows !== undefined) return this.#insert(connection, sql.trimEnd(), rows);
    const { bytes, elapsed, rowsRead, bytesRead } = await this.#addon.QueryAsyncConnection(
      connection,
      sql,
      format,
    );
    return resultOf({ body: bytes, elapsedSeconds: elapsed, readRows: rowsRead, readBytes: bytesRead });
  }

  async #insert(
    connection: ChdbConnection,
    sql: string,
    rows: AsyncIterable<Uint8Array>,
  ): Promise<StatementResult> {
    const run = async (statement: string, inMemory: Buffer): Promise<StatementResult> => {
      const done = await this.#addon.InsertRawAsyncConnection(connection, statement, inMemory, false);
      const { elapsed, rowsWritten, bytesWritten } = done;
      return resultOf({ elapsedSeconds: elapsed, writtenRows: rowsWritten, writtenBytes: bytesWritten });
    };
    if (takesFile(sql)) {
      return this.#rowFiles.with(rows, (path) => run(insertFromFile(sql, path), NO_ROWS));
    }
    if (takesValues(sql)) return run(sql, await buffer(rows));
    throw new EngineError(
      'Code: 48. DB::Exception: The embedded engine takes rows for INSERT INTO … FORMAT … and ' +
        'INSERT INTO … VALUES only. (NOT_IMPLEMENTED)',
    );
  }
}

function resultOf(known: Partial<StatementResult>): StatementResult {
  return {
    body: Buffer.alloc(0),
    elapsedSeconds: 0,
    readRows: 0,
    readBytes: 0,
    writtenRows: 0,
    writtenBytes: 0,
    ...known,
  };
}

/** `readonly` comes last: from then on it cannot be taken back on this connection. */
function settingsClause({ settings, access }: Statement): string {
  const effective = access === 'read' ? new Map([...READER_DEFAULTS, ...settings]) : new Map(settings);
  if (access === 'read') {
    const strict = settings.get('readonly') === '1';
    effective.delete('readonly');
    effective.set('readonly', strict ? '1' : '2');
  }
  return [...effective].map(([name, value]) => `${checkedName(name)} = ${quoteString(value)}`).join(', ');
}

function checkedName(name: string): string {
  if (SETTING_NAME.test(name)) return name;
  throw new EngineError(`Code: 115. DB::Exception: Unknown setting '${name}'. (UNKNOWN_SETTING)`);
}

function quoteString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** The process that holds the directory, from the file in which the engine notes it, if that process is alive. */
function ownerOf(dataPath: string): number | undefined {
  try {
    const owner = Number(/PID: (\d+)/.exec(readFileSync(join(dataPath, 'status'), 'utf8'))?.[1]);
    if (!Number.isInteger(owner) || owner === process.pid) return undefined;
    process.kill(owner, 0);
    return owner;
  } catch {
    return undefined;
  }
}
