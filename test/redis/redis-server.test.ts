import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRedisServer } from '../../cli/services/redis-server.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

await describeWithPrograms(['redis-server'], 'a redis-server of our own', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'redis-server-test-'));
  });
  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(folder = dataDir) {
    const server = await startRedisServer({ dataDir: folder });
    if ('unavailable' in server) throw new Error(server.unavailable);
    return server;
  }

  async function withClient<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(url);
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  }

  async function serverPid(): Promise<number> {
    return Number(await readFile(join(dataDir, 'redis.pid'), 'utf8'));
  }

  function isAlive(pid: number): boolean {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }

  async function untilDead(pid: number): Promise<void> {
    for (let round = 0; isAlive(pid); round++) {
      if (round > 500) throw new Error(`process ${pid} is still there`);
      await sleep(20);
    }
  }

  test('what was written is there again after a stop and a start', async () => {
    const first = await start();
    await withClient(first.url, (client) => client.set('key', 'kept'));
    const pid = await serverPid();
    await first.stop();
    expect(isAlive(pid)).toBe(false);

    const second = await start();
    expect(await withClient(second.url, (client) => client.get('key'))).toBe('kept');
    await second.stop();
  });

  test('it listens on 127.0.0.1 only, and in a folder with blanks in its name', async () => {
    const folder = join(dataDir, 'a folder');
    const server = await start(folder);
    expect(server.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    const bind = await withClient(server.url, (client) => client.config('GET', 'bind'));
    expect(bind).toEqual(['bind', '127.0.0.1']);
    await server.stop();
  });

  test('kill -9 of the parent ends the server, and a start at once comes back with every confirmed write', async () => {
    const program = `
    import { Redis } from 'ioredis';
    import { startRedisServer } from './cli/services/redis-server.ts';
    const server = await startRedisServer({ dataDir: process.argv[1] });
    const client = new Redis(server.url);
    for (let i = 1; ; i++) {
      await client.set('last', i);
      console.log(i);
    }`;
    for (let round = 0; round < 3; round++) {
      const parent = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir]);
      let confirmed = 0;
      for await (const line of createInterface({ input: parent.stdout })) {
        confirmed = Number(line);
        if (confirmed >= 500) break;
      }
      const formerPid = await serverPid();
      parent.kill('SIGKILL');
      await once(parent, 'exit');

      const server = await start();
      const last = await withClient(server.url, (client) => client.get('last'));
      expect(Number(last)).toBeGreaterThanOrEqual(confirmed);
      await untilDead(formerPid);
      await server.stop();
    }
  });

  test('Ctrl-C in the terminal reaches the program, not the server: what is in flight can still be written', async () => {
    const program = `
    import { Redis } from 'ioredis';
    import { startRedisServer } from './cli/services/redis-server.ts';
    const server = await startRedisServer({ dataDir: process.argv[1] });
    process.on('SIGINT', () => setTimeout(async () => {
      const client = new Redis(server.url);
      console.log(await client.set('last', 'words'));
      client.disconnect();
      await server.stop();
    }, 300));
    console.log('started');
    setTimeout(() => undefined, 2000);`;
    const args = ['--input-type=module', '-e', program, dataDir];
    const parent = spawn(process.execPath, args, { detached: true });
    const lines: string[] = [];
    for await (const line of createInterface({ input: parent.stdout })) {
      lines.push(line);
      if (line === 'started') process.kill(-(parent.pid ?? 0), 'SIGINT');
    }
    expect(lines).toEqual(['started', 'OK']);
  });

  test('a folder that a living server uses is refused with words, not shared', async () => {
    const first = await start();
    const second = await startRedisServer({ dataDir, startTimeoutMs: 300 });
    expect(second).toEqual({
      unavailable: expect.stringContaining(`process ${await serverPid()}) is still using`) as string,
    });
    await first.stop();
  });

  test('without a redis-server on the PATH it says how to get one', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = dataDir;
    try {
      const server = await startRedisServer({ dataDir });
      expect(server).toEqual({
        unavailable: expect.stringMatching(/apt-get install redis-server.*REDIS_URL/) as string,
      });
    } finally {
      process.env['PATH'] = path;
    }
  });
});
