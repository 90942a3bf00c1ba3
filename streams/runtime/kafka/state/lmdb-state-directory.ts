import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryLock } from '../../../state/lmdb/directory-lock.ts';
import { LmdbTaskState } from './lmdb-task-state.ts';
import type { StateDirectory, TaskState } from './task-state.ts';

/** The tasks' states on disk: `<directory>/<application>/<task>/state.lmdb`. One process has it at a time. */
export class LmdbStateDirectory implements StateDirectory {
  readonly #path: string;
  readonly #lock: DirectoryLock;

  /** @throws {DirectoryLockedError} when a process that is alive has it open. */
  constructor(directory: string, applicationId: string) {
    this.#path = join(directory, applicationId);
    mkdirSync(this.#path, { recursive: true });
    this.#lock = DirectoryLock.take(this.#path);
  }

  kept(): readonly string[] {
    return readdirSync(this.#path).filter((name) => existsSync(join(this.#path, name, 'state.lmdb')));
  }

  open(taskId: string, stores: readonly string[], onDiscard: (reason: string) => void): TaskState {
    const directory = join(this.#path, taskId);
    const options = { directory, stores, nowMs: Date.now() };
    try {
      return LmdbTaskState.open(options);
    } catch (error) {
      onDiscard(error instanceof Error ? error.message : String(error));
      this.discard(taskId);
      return LmdbTaskState.open(options);
    }
  }

  discard(taskId: string): void {
    rmSync(join(this.#path, taskId), { recursive: true, force: true });
  }

  close(): void {
    this.#lock.release();
  }
}
