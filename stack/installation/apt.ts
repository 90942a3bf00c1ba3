import { access, constants, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runCommand } from './run-command.ts';

const SERVICE_POLICY = '/usr/sbin/policy-rc.d';
const LOCK_WAIT_SECONDS = 600;

/**
 * Where a command is, after installing its Debian package where it is missing and this process may do so.
 *
 * @param find how to look for it, where it is not on the PATH.
 */
export async function installedCommand(
  command: string,
  debianPackage: string,
  find: () => Promise<string | undefined> = () => findCommand(command),
): Promise<string> {
  const present = await find();
  if (present !== undefined) return present;
  if (process.getuid?.() !== 0 || (await findCommand('apt-get')) === undefined) {
    throw new Error(
      `${command} is not installed (Debian package ${debianPackage}), and only root can install it`,
    );
  }
  await install(debianPackage);
  const installed = await find();
  if (installed === undefined) throw new Error(`the Debian package ${debianPackage} brought no ${command}`);
  return installed;
}

/** The first file on the PATH of that name that may be executed. */
export async function findCommand(command: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, command);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Installations wait for one another: the package manager takes one at a time. */
let previous: Promise<unknown> = Promise.resolve();
let listsRefreshed = false;

function install(debianPackage: string): Promise<void> {
  const mine = previous.then(() => installNow(debianPackage));
  previous = mine.catch(() => undefined);
  return mine;
}

async function installNow(debianPackage: string): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const lockWait = ['-o', `DPkg::Lock::Timeout=${LOCK_WAIT_SECONDS}`];
  if (!listsRefreshed) await runCommand('apt-get', ['-q', ...lockWait, 'update'], { env });
  listsRefreshed = true;
  const allowServices = await forbidServices();
  try {
    await runCommand('apt-get', ['-qy', ...lockWait, 'install', '--no-install-recommends', debianPackage], {
      env,
    });
  } finally {
    await allowServices();
  }
}

/** Debian starts a daemon as soon as its package is installed, unless this file says no. Returns how to undo it. */
async function forbidServices(): Promise<() => Promise<void>> {
  try {
    await writeFile(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
    return () => rm(SERVICE_POLICY, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return () => Promise.resolve();
  }
}
