import { access, chown, glob, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findCommand, installedCommand } from '../installation/apt.ts';
import { runCommand } from '../installation/run-command.ts';
import { freePort } from './free-port.ts';
import { startProgram } from './program.ts';
import type { NativeServiceOptions, RunningProgram } from './running-service.ts';

/** SIGTERM lets PostgreSQL wait for its last client, however long; here it closes at once (SIGINT). */
const STOP_AT_ONCE = '"$@" & server=$!; trap "kill -INT $server" TERM; wait $server; wait $server';

const QUICK = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** A PostgreSQL that trusts everyone on 127.0.0.1 and does not wait for the disk, unless it has data to keep. */
export async function startPostgres(
  folder: string,
  { port: wanted, keepsData = false }: NativeServiceOptions = {},
): Promise<RunningProgram> {
  const binaries = dirname(await postgresCommand());
  const user = await unprivilegedUser();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  if (!(await exists(data))) {
    // Made aside and renamed: what is interrupted half way is begun anew.
    const making = `${data}.new`;
    await rm(making, { recursive: true, force: true });
    await runCommand(
      join(binaries, 'initdb'),
      ['-D', making, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
      { cwd: folder, ...user },
    );
    await rename(making, data);
  }

  const port = wanted ?? (await freePort());
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    ...(keepsData ? [] : QUICK),
  ];
  return startProgram({
    url,
    command: 'sh',
    args: [
      '-c',
      STOP_AT_ONCE,
      'postgres',
      join(binaries, 'postgres'),
      '-D',
      data,
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    folder,
    ask: () => runCommand(join(binaries, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]),
    ...(user === undefined ? {} : { user }),
  });
}

export function postgresCommand(): Promise<string> {
  return installedCommand('postgres', 'postgresql', async () => {
    const path = (await debianBinary()) ?? (await findCommand('postgres'));
    return path === undefined ? undefined : realpath(path);
  });
}

/** Debian keeps the server's programs off the PATH, one folder a release; the newest is taken. */
async function debianBinary(): Promise<string | undefined> {
  const found: string[] = [];
  for await (const path of glob('/usr/lib/postgresql/*/bin/postgres')) found.push(path);
  return found.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** PostgreSQL refuses to run as root. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const uid = await runCommand('id', ['-u', 'postgres']);
  const gid = await runCommand('id', ['-g', 'postgres']);
  return { uid: Number(uid), gid: Number(gid) };
}
