import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new empty data directory that is gone when the test has finished. */
export function dataDirectory(): string {
  const path = newDataDirectory();
  onTestFinished(() => removeDataDirectory(path));
  return path;
}

export function newDataDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'main-job-'));
}

/** A server that was told to stop may still be writing its last files. */
export function removeDataDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
