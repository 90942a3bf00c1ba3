import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'incident-services-';

/** A new temporary folder of this process; folders that killed runs left behind are removed on the way. */
export async function createRunFolder(): Promise<string> {
  for (const entry of await readdir(tmpdir())) {
    const owner = /^incident-services-(\d+)-/.exec(entry)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) await removeFolder(join(tmpdir(), entry));
  }
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // A service that runs as a user of its own has to reach its folder inside.
  await chmod(folder, 0o711);
  return folder;
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
