import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runServer } from './running-server.ts';
import type { RunningServer } from './running-server.ts';
import { alert } from './samples.ts';
import { SseClient } from './sse-client.ts';

const MANY = 10_000;
/** Several times what one takes, sockets included; the least that a stream may buffer is sixteen times as much. */
const MAX_BYTES_EACH = 64 * 1024;
/** Opening so many takes seconds on a machine that has nothing else to do. */
const PATIENCE_MS = 240_000;

/** Has another process hold streams open; resolves with how many of them got which answer. */
async function flood(url: string, address: string): Promise<Record<string, number>> {
  const program = new URL('./flood/open-streams.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, url, address, String(MANY)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as Record<string, number>;
}

function connectionsOf({ app }: RunningServer): Promise<number> {
  return new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
}

test(
  '10,000 streams from one address get no further than its limits, and others are served',
  async () => {
    const server = await runServer();
    const flooding = flood(server.url, '127.0.0.2');
    const statuses = new Set<number>();
    let isOver = false;
    void flooding.finally(() => (isOver = true));
    while (!isOver) {
      statuses.add((await server.get('/incidents')).status);
      await sleep(50);
    }
    const answers = await flooding;
    expect([...statuses]).toEqual([200]);
    expect(answers['200']).toBe(50);
    expect(Object.values(answers).reduce((sum, count) => sum + count, 0)).toBe(MANY);
    expect(server.pipeline.alerts.subscribers).toBe(50);
    expect(await connectionsOf(server)).toBeLessThan(1_024 + 50);
    const own = await SseClient.connect(`${server.url}/alerts`);
    server.pipeline.alerts.raise(0, alert());
    await own.until(({ messages }) => messages.length > 0);
  },
  PATIENCE_MS,
);

test(
  'where 10,000 streams are allowed they are held in bounded memory, and the rest is served meanwhile',
  async () => {
    const limits = { maxConnections: 2 * MANY, maxConnectionsPerAddress: 2 * MANY };
    const alerts = { maxClients: MANY, maxClientsPerCaller: MANY };
    const server = await runServer({ connections: limits, alerts });
    const rssBefore = process.memoryUsage.rss();
    expect(await flood(server.url, '127.0.0.2')).toEqual({ 200: MANY });
    expect(server.pipeline.alerts.subscribers).toBe(MANY);
    const { json, status } = await server.get('/alerts');
    expect([status, json.code]).toEqual([503, 'HTTP_ALERT_CLIENTS']);
    expect((await server.get('/incidents')).status).toBe(200);
    server.pipeline.alerts.raise(0, alert());
    expect((await server.get('/incidents')).status).toBe(200);
    expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(MANY * MAX_BYTES_EACH);
  },
  PATIENCE_MS,
);
