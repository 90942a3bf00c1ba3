import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

interface RowFile {
  readonly path: string;
  readonly handle: FileHandle;
}

const WRITE_BYTES = 1024 * 1024;
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
  async with<T>(rows: AsyncIterable<Uint8Array>, use: (path: string) => Promise<T>): Promise<T> {
    const file = this.#idle.pop() ?? (await this.#create());
    let bytes = 0;
    try {
      bytes = await fill(file.handle, rows);
      return await use(file.path);
    } finally {
      if (bytes > MAX_KEPT_BYTES) await file.handle.truncate(0);
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

/** @returns how many bytes the file holds now. */
async function fill(handle: FileHandle, rows: AsyncIterable<Uint8Array>): Promise<number> {
  let chunks: Uint8Array[] = [];
  let pending = 0;
  let written = 0;
  const flush = async (): Promise<void> => {
    await writeAll(handle, chunks, written);
    written += pending;
    [chunks, pending] = [[], 0];
  };
  for await (const chunk of rows) {
    chunks.push(chunk);
    pending += chunk.length;
    if (pending >= WRITE_BYTES) await flush();
  }
  if (pending > 0) await flush();
  await handle.truncate(written);
  return written;
}

async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks, position);
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  if (bytesWritten === bytes) return;
  // The system took a part only, as it may.
  const rest = Buffer.concat(chunks, bytes).subarray(bytesWritten);
  await writeAll(handle, [rest], position + bytesWritten);
}
