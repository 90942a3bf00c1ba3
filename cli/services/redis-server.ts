import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, readFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { hasEnded, spawnTethered, stopTethered } from './tethered-process.ts';

export interface StartedRedisServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Why there is no server, in words for a person. */
export interface UnavailableRedisServer {
  readonly unavailable: string;
}

export interface RedisServerOptions {
  /** Holds its data, its log and its process id. Made if it is missing. */
  readonly dataDir: string;
  /** How long it may take to load its data, or a former one to let go of them. Default 30,000. */
  readonly startTimeoutMs?: number;
  /** More settings of redis.conf, by name; they win over those made here. */
  readonly settings?: Readonly<Record<string, string>>;
}

const HOW_TO_GET_IT =
  'no redis-server on the PATH: install it (Debian/Ubuntu: apt-get install redis-server, macOS: brew install redis) ' +
  'or set REDIS_URL to a server of yours';
const POLL_MS = 20;
const PORT_ATTEMPTS = 3;

/**
 * Starts the machine's own redis-server on a free port of 127.0.0.1. Every write is logged in `dataDir`, so it
 * comes back with its data. It stops with this process, however this process ends.
 */
export async function startRedisServer(
  options: RedisServerOptions,
): Promise<StartedRedisServer | UnavailableRedisServer> {
  const program = await findOnPath('redis-server');
  if (program === undefined) return { unavailable: HOW_TO_GET_IT };
  const dataDir = resolve(options.dataDir);
  const deadlineMs = Date.now() + (options.startTimeoutMs ?? 30_000);
  await mkdir(dataDir, { recursive: true });
  const occupant = await waitForFormerServer(dataDir, deadlineMs);
  if (occupant !== undefined) {
    return { unavailable: `redis-server (process ${occupant}) is still using ${dataDir}: stop it first` };
  }
  let failure = '';
  for (let attempt = 0; attempt < PORT_ATTEMPTS && Date.now() < deadlineMs; attempt++) {
    const port = await freePort();
    const child = spawnTethered(program, serverArguments(dataDir, port, options.settings), {
      // Ctrl-C is for the parent alone: it has something left to write.
      detached: true,
    });
    const outcome = await waitUntilReady(child, port, deadlineMs);
    if (outcome === 'ready') return { url: `redis://127.0.0.1:${port}`, stop: () => stopTethered(child) };
    await stopTethered(child);
    failure = outcome;
  }
  return { unavailable: `redis-server did not start: ${failure} (see ${join(dataDir, 'redis.log')})` };
}

function serverArguments(dataDir: string, port: number, more: RedisServerOptions['settings']): string[] {
  const settings: Record<string, string> = {
    port: String(port),
    bind: '127.0.0.1',
    dir: dataDir,
    pidfile: join(dataDir, 'redis.pid'),
    logfile: join(dataDir, 'redis.log'),
    daemonize: 'no',
    appendonly: 'yes',
    save: '',
    ...more,
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** The process id of a server that does not let go of the directory in time. One that is shutting down does. */
async function waitForFormerServer(dataDir: string, deadlineMs: number): Promise<number | undefined> {
  const pid = Number(await readFile(join(dataDir, 'redis.pid'), 'utf8').catch(() => '0'));
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  while (await isRedisServer(pid)) {
    if (Date.now() >= deadlineMs) return pid;
    await sleep(POLL_MS);
  }
  return undefined;
}

/** A process id may have gone to another program since. Without `ps` to tell, a process that is there counts. */
async function isRedisServer(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'args=']);
    return stdout.includes('redis-server') && !stdout.includes('<defunct>');
  } catch (error) {
    // `ps` ends with status 1 where the process has gone in the meantime.
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

async function waitUntilReady(child: ChildProcess, port: number, deadlineMs: number): Promise<string> {
  let complaint = '';
  child.stdout?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-500)));
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-500)));
  while (Date.now() < deadlineMs) {
    if (hasEnded(child)) return complaint.trim() || 'it ended at once';
    if (await answersPing(port)) return 'ready';
    await sleep(POLL_MS);
  }
  return complaint.trim() || 'it did not answer in time';
}

/** Whether PING is answered with PONG, which a server that is still loading its data does not do. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    const end = (answered: boolean) => {
      socket.destroy();
      settle(answered);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('data', (reply) => end(reply.toString().startsWith('+PONG')));
    socket.once('error', () => end(false));
    socket.once('close', () => settle(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((settle, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => settle(port));
    });
  });
}

async function findOnPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, program);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && isThere) return file;
  }
  return undefined;
}
