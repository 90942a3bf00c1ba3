import { get } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { bearer, runGuardedServer } from './auth-server.ts';
import { runServer } from './running-server.ts';
import { SseClient } from './sse-client.ts';

function open(url: string, localAddress: string): Socket {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined).resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

const stillOpen = (sockets: readonly Socket[]): number =>
  sockets.filter((socket) => !socket.destroyed && !socket.readableEnded && !socket.connecting).length;

function isServed(url: string, localAddress: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${url}/healthz`, { localAddress, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}

test('one address cannot take all the connections, and those at another are served', async () => {
  const server = await runServer({ connections: { maxConnectionsPerAddress: 10 } });
  const greedy = Array.from({ length: 50 }, () => open(server.url, '127.0.0.2'));
  await expect.poll(() => stillOpen(greedy), { timeout: 20_000 }).toBe(10);
  expect((await server.get('/incidents')).status).toBe(200);
  for (const socket of greedy) socket.destroy();
  // The server may learn of a closed connection after it has been asked for the next.
  await expect.poll(() => isServed(server.url, '127.0.0.2'), { timeout: 20_000 }).toBe(true);
});

test('no more connections are open than allowed, whatever addresses they come from', async () => {
  const server = await runServer({ connections: { maxConnections: 20 } });
  const sockets = Array.from({ length: 60 }, (_, n) => open(server.url, `127.0.0.${2 + (n % 6)}`));
  await expect.poll(() => stillOpen(sockets), { timeout: 20_000 }).toBe(20);
});

test('streams are bounded for each caller, and the place of one that ends is free again', async () => {
  const server = await runGuardedServer({ alerts: { maxClientsPerCaller: 2 } });
  const { read, operate } = server.tokens;
  const first = await SseClient.connect(`${server.url}/alerts`, bearer(read));
  await SseClient.connect(`${server.url}/alerts`, bearer(read));
  const { status, json, headers } = await server.get('/alerts', bearer(read));
  expect([status, json.code]).toEqual([429, 'HTTP_CALLER_STREAMS']);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await SseClient.connect(`${server.url}/alerts`, bearer(operate))).response.status).toBe(200);
  first.disconnect();
  await expect
    .poll(async () => (await SseClient.connect(`${server.url}/alerts`, bearer(read))).response.status, {
      timeout: 20_000,
    })
    .toBe(200);
});
