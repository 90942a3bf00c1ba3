import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectoryLockedError } from '../../errors.ts';

const LOCK_FILE = 'owner.pid';
/** The directories that this process has open: the lock file cannot tell two runtimes of one process apart. */
const openHere = new Set<string>();

/** A file in a data directory that names the process that has it open. A process that is gone has it no more. */
export class DirectoryLock {
  readonly #directory: string;
  readonly #file: string;

  private constructor(directory: string, file: string) {
    this.#directory = directory;
    this.#file = file;
  }

  /**
   * Takes the lock. Two processes must not do so at the same moment: call it where something keeps them apart.
   * @throws {DirectoryLockedError} when another process that is alive has it, or this one.
   */
  static take(directory: string): DirectoryLock {
    const path = realpathSync(directory);
    const file = join(path, LOCK_FILE);
    if (openHere.has(path)) throw new DirectoryLockedError(`${directory} is open in this process already`);
    refuseLiveOwner(directory, file);
    writeFileSync(file, String(process.pid));
    openHere.add(path);
    return new DirectoryLock(path, file);
  }

  release(): void {
    rmSync(this.#file, { force: true });
    openHere.delete(this.#directory);
  }
}

/**
 * For those who want to do something to a data directory before a runtime opens it.
 * @throws {DirectoryLockedError} when another process that is alive has it open.
 */
export function assertNotInUse(directory: string): void {
  refuseLiveOwner(directory, join(directory, LOCK_FILE));
}

function refuseLiveOwner(directory: string, file: string): void {
  const owner = readOwner(file);
  if (owner === undefined || owner === process.pid || !isAlive(owner)) return;
  throw new DirectoryLockedError(
    `${directory} is in use by process ${owner}: stop it, or choose another data directory (if no such program runs any more, remove ${file})`,
  );
}

function readOwner(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
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
