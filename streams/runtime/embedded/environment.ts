import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { EmbeddedLockedError } from './errors.ts';

/**
 * The one LMDB environment that holds everything: topics, stores, progress. So a commit is one transaction.
 *
 * LMDB flushes a transaction to disk after it has returned; what was committed survives the death of the process at
 * any moment, and a loss of power takes at most the last transactions, whole ones, the newest first.
 */
export class Environment {
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #lockFile: string;

  private constructor(root: RootDatabase<Buffer, Buffer>, lockFile: string) {
    this.#root = root;
    this.#lockFile = lockFile;
  }

  /** @throws {EmbeddedLockedError} when another process that is alive has the directory open. */
  static open(directory: string): Environment {
    mkdirSync(directory, { recursive: true });
    const lockFile = join(directory, 'owner.pid');
    takeLock(lockFile, directory);
    const path = join(directory, 'streams.lmdb');
    const root = open<Buffer, Buffer>({ path, keyEncoding: 'binary', encoding: 'binary', maxDbs: 200 });
    return new Environment(root, lockFile);
  }

  database(name: string): Database<Buffer, Buffer> {
    return this.#root.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary' });
  }

  /** Runs `work` in one transaction: all that it writes becomes durable, or nothing if it throws. */
  transaction<T>(work: () => T): T {
    return this.#root.transactionSync(work);
  }

  async close(): Promise<void> {
    await this.#root.flushed;
    await this.#root.close();
    rmSync(this.#lockFile, { force: true });
  }
}

function takeLock(lockFile: string, directory: string): void {
  const owner = readOwner(lockFile);
  if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
    throw new EmbeddedLockedError(
      `${directory} is in use by process ${owner}: stop it, or choose another data directory (if no such program runs any more, remove ${lockFile})`,
    );
  }
  writeFileSync(lockFile, String(process.pid));
}

function readOwner(lockFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
