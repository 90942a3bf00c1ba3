import { connect } from 'node:net';
import { once } from 'node:events';
import { installedCommand } from '../installation/apt.ts';
import { freePort } from './free-port.ts';
import { startProgram } from './program.ts';
import type { NativeServiceOptions, RunningProgram } from './running-service.ts';

const ANSWER_MS = 1_000;

export interface NativeRedisOptions extends NativeServiceOptions {
  /** More settings of redis.conf, by name; they win over those made here. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A Redis, which keeps nothing on disk unless it is told to. */
export async function startRedis(
  folder: string,
  { port: wanted, keepsData = false, settings: more }: NativeRedisOptions = {},
): Promise<RunningProgram> {
  const command = await redisCommand();
  const port = wanted ?? (await freePort());
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    save: '',
    appendonly: keepsData ? 'yes' : 'no',
    dir: folder,
    ...more,
  };
  return startProgram({
    url: `redis://127.0.0.1:${port}`,
    command,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    folder,
    ask: () => pingRedis(port),
  });
}

export function redisCommand(): Promise<string> {
  return installedCommand('redis-server', 'redis-server');
}

/** While it loads its data Redis accepts connections, but answers PING with an error. */
export async function pingRedis(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data', { signal: AbortSignal.timeout(ANSWER_MS) })) as [Buffer];
    if (!reply.toString().startsWith('+PONG')) throw new Error(reply.toString().trim());
  } finally {
    socket.destroy();
  }
}
