import { createHash, randomUUID } from 'node:crypto';
import { access, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findCommand, installedCommand } from '../../stack/installation/apt.ts';
import { runCommand } from '../../stack/installation/run-command.ts';

const REQUIREMENTS = join(import.meta.dirname, 'python/requirements.txt');
const CACHE = join(import.meta.dirname, '../../.cache/interop');

/** The Python of an environment that has what requirements.txt asks for, made on first use. */
export async function pythonWithClients(): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  const folder = join(CACHE, `python-${digest.slice(0, 12)}`);
  const python = join(folder, 'bin/python');
  if (await exists(python)) return python;
  // Filled aside and renamed. Only the scripts beside it know their folder by name, and they are not used.
  const filling = `${folder}.${randomUUID()}`;
  try {
    await runCommand(await pythonWithVenv(), ['-m', 'venv', filling]);
    await runCommand(join(filling, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS]);
    await rename(filling, folder);
  } catch (error) {
    if (!(await exists(python))) throw error;
  } finally {
    await rm(filling, { recursive: true, force: true });
  }
  return python;
}

/** Debian splits off what makes environments. */
function pythonWithVenv(): Promise<string> {
  return installedCommand('python3 with venv', 'python3-venv', async () => {
    const python = await findCommand('python3');
    if (python === undefined) return undefined;
    return runCommand(python, ['-c', 'import ensurepip, venv']).then(
      () => python,
      () => undefined,
    );
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
