import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { DirectoryLock } from '../../state/lmdb/directory-lock.ts';

/**
 * The one LMDB environment that holds everything: topics, stores, progress. So a commit is one transaction.
 *
 * LMDB flushes a transaction to disk after it has returned; what was committed survives the death of the process at
 * any moment, and a loss of power takes at most the last transactions, whole ones, the newest first.
 */
export class Environment {
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #lock: DirectoryLock;
  #inTransaction = false;

  private constructor(root: RootDatabase<Buffer, Buffer>, lock: DirectoryLock) {
    this.#root = root;
    this.#lock = lock;
  }

  /** @throws {DirectoryLockedError} when a process that is alive has the directory open. */
  static open(directory: string): Environment {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'streams.lmdb');
    const root = open<Buffer, Buffer>({ path, keyEncoding: 'binary', encoding: 'binary', maxDbs: 200 });
    try {
      // LMDB lets one process write at a time, so of two that start together one finds the other's lock.
      return new Environment(
        root,
        root.transactionSync(() => DirectoryLock.take(directory)),
      );
    } catch (error) {
      void root.close();
      throw error;
    }
  }

  /** `compressed`: values of 1,000 bytes and more are stored as LZ4, which spares disk and mapped memory. */
  database(name: string, options: { compressed?: boolean } = {}): Database<Buffer, Buffer> {
    const { compressed: compression = false } = options;
    return this.#root.openDB<Buffer, Buffer>({
      name,
      keyEncoding: 'binary',
      encoding: 'binary',
      compression,
    });
  }

  /** Runs `work` in one transaction: all that it writes becomes durable, or nothing if it throws. */
  transaction<T>(work: () => T): T {
    return this.#root.transactionSync(() => {
      this.#inTransaction = true;
      try {
        return work();
      } finally {
        this.#inTransaction = false;
      }
    });
  }

  /** Is a transaction open at this moment? */
  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  async close(): Promise<void> {
    try {
      await this.#root.flushed;
      await this.#root.close();
    } finally {
      this.#lock.release();
    }
  }

  /** Lets go of the directory at once, after an attempt to open a runtime that has failed. */
  abandon(): void {
    void this.#root.close();
    this.#lock.release();
  }
}
