import { connect } from 'node:net';
import { once } from 'node:events';
import { freePort } from './free-port.ts';
import { installedCommand } from '../installation/apt.ts';
import type { RunningService } from './running-service.ts';
import { startProgram } from './program.ts';

/** An empty Redis that keeps nothing on disk. */
export async function startRedis(folder: string): Promise<RunningService> {
  const command = await installedCommand('redis-server', 'redis-server');
  const port = await freePort();
  return startProgram({
    url: `redis://127.0.0.1:${port}`,
    command,
    args: [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
    ],
    folder,
    ask: async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect').finally(() => socket.destroy());
    },
  });
}
