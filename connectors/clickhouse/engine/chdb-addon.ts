import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A connection of the addon. Opaque. */
export type ChdbConnection = object;

export interface ChdbResult {
  readonly bytes: Buffer;
  /** Seconds. */
  readonly elapsed: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

export interface ChdbInsertResult {
  /** Seconds. */
  readonly elapsed: number;
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

/** What ClickHouse's own parser says about a text. */
export interface ChdbAnalysis {
  readonly statementCount: number;
  /** 0 leaves no trace; 1 and 2 change data or global objects; 3 is SET, SYSTEM, writes to files; 4 did not parse. */
  readonly queryClass: number;
}

/**
 * The part of chDB's native addon that the engine uses. Its JavaScript wrappers insert text formats only and keep
 * the parser's verdict for themselves, so the addon is used directly.
 */
export interface ChdbAddon {
  CreateConnection(path: string, engineArguments: readonly string[]): ChdbConnection;
  CloseConnection(connection: ChdbConnection): void;
  QueryAsyncConnection(connection: ChdbConnection, sql: string, format: string): Promise<ChdbResult>;
  InsertRawAsyncConnection(
    connection: ChdbConnection,
    statement: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<ChdbInsertResult>;
  DurableClassifyAsync(connection: ChdbConnection, sql: string, database: string): Promise<ChdbAnalysis>;
}

const HOW_TO_GET_IT = 'it is an optional dependency: `npm install chdb` adds it where it has a build';

/** @returns the addon, or why there is none here, in words for a person. */
export function loadChdbAddon(): ChdbAddon | { readonly unavailable: string } {
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve('chdb');
  } catch {
    return { unavailable: `the package chdb is not installed (${HOW_TO_GET_IT})` };
  }
  try {
    const loader = require(join(dirname(entry), 'dist', 'loader.js')) as { loadNative(): ChdbAddon };
    return loader.loadNative();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { unavailable: `chdb cannot be loaded on ${process.platform}-${process.arch}: ${reason}` };
  }
}
