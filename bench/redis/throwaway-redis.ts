import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** Runs `work` against a redis-server of its own that logs every write, as the demo's does, and removes it again. */
export async function withThrowawayRedis<T>(work: (client: Redis, url: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-redis-'));
  const socket = join(folder, 'redis.sock');
  const settings = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--save',
    '',
  ];
  const server = spawn('redis-server', settings, { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const client = new Redis(socket, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  try {
    const missing = ended.then(() => Promise.reject(new Error('redis-server ended')));
    await Promise.race([client.ping(), missing]);
    const port = await listenOnFreePort(client);
    return await work(client, `redis://127.0.0.1:${port}`);
  } finally {
    client.disconnect();
    server.kill('SIGTERM');
    await ended.catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

async function listenOnFreePort(client: Redis): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const answer = await client.config('SET', 'port', String(port)).catch(() => 'taken');
    if (answer === 'OK') return port;
    await sleep(10);
  }
}
