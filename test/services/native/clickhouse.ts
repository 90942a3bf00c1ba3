import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunningService } from '../service.ts';

/**
 * The embedded engine has no process to start: the URL is `chdb:` and the folder that one process at a time may
 * open, by `createClickhouseClient`.
 */
export function startClickhouse(folder: string): Promise<RunningService> {
  createRequire(import.meta.url).resolve('chdb/connection');
  const url = `chdb:${pathToFileURL(join(folder, 'data')).pathname}`;
  return Promise.resolve({ url, stop: () => Promise.resolve() });
}
