import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

interface RowFile {
  readonly path: string;
  readonly handle: FileHandle;
}

/** Files that grew beyond this give their space back after use. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/**
 * Hands rows to chDB in files. Rows that follow a statement in memory are read only up to the first blank line,
 * wherever it lies, and what comes after it is taken for the next statement. The files are used again: writing over
 * a file's pages is much cheaper than getting new ones.
 */
export class RowFiles {
  readonly #folder: string;
  readonly #idle: RowFile[] = [];
  #created = 0;

  /** @param folder made anew: what an earlier process left there is gone. */
  constructor(folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }

  /** Calls `use` with the path of a file that holds exactly `rows` until `use` is done. */
  async with<T>(rows: Buffer, use: (path: string) => Promise<T>): Promise<T> {
    const file = this.#idle.pop() ?? (await this.#create());
    try {
      await fill(file.handle, rows);
      return await use(file.path);
    } finally {
      if (rows.length > MAX_KEPT_BYTES) await file.handle.truncate(0);
      this.#idle.push(file);
    }
  }

  /** Nothing may be in use any more. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.map(({ handle }) => handle.close()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #create(): Promise<RowFile> {
    const path = join(this.#folder, `${this.#created++}.rows`);
    return { path, handle: await open(path, 'w') };
  }
}

async function fill(handle: FileHandle, rows: Buffer): Promise<void> {
  for (let written = 0; written < rows.length;) {
    const { bytesWritten } = await handle.write(rows, written, rows.length - written, written);
    written += bytesWritten;
  }
  await handle.truncate(rows.length);
}
