import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { Readable, pipeline } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { startReceiver } from './receiver.ts';
import { batchOf, openSink, opened } from './sink-under-test.ts';

/** A server that speaks no HTTP of its own: it does what it likes with each connection. */
async function listenRaw(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Writes for as long as the other side listens. */
function pour(socket: Socket, piece: string): void {
  const timer = setInterval(() => socket.write(piece), 5);
  socket.on('close', () => clearInterval(timer));
}

const LIMITS = { connectTimeoutMs: 10_000, headersTimeoutMs: 300, timeoutMs: 10_000, maxAttempts: 1 };

test.each<[string, (socket: Socket) => void, RegExp]>([
  ['says nothing', () => undefined, /the answer took longer than 300 ms/],
  [
    'sends its headers byte by byte',
    (socket) => pour(socket.setNoDelay(true), 'H'),
    /Parse Error|the answer took longer than 300 ms/,
  ],
  [
    'sends headers without end',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      pour(socket, `x-more: ${'a'.repeat(1_000)}\r\n`);
    },
    /Header overflow|took longer/i,
  ],
  [
    'sends a header too large',
    (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`),
    /Header overflow|took longer/i,
  ],
  [
    'answers "continue" for ever',
    (socket) => pour(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
    /the answer took longer than 300 ms/,
  ],
  [
    'answers with something else',
    (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'),
    /Parse Error|took longer/,
  ],
  [
    'changes the protocol',
    (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    /closed without an answer|socket hang up|took longer/,
  ],
])('a target that %s does not hold the sink', async (_what, onConnection, reason) => {
  const { writeUntilDone, deadLetters } = await openSink(await listenRaw(onConnection), LIMITS);
  await writeUntilDone(batchOf(opened(1)));
  expect(deadLetters[0]?.error.message).toMatch(reason);
});

test('a body that never ends, slow or fast, is cut: the status counts', async () => {
  for (const [piece, everyMs] of [
    ['x', 20],
    ['x'.repeat(100_000), 0],
  ] as const) {
    let written = 0;
    const receiver = await startReceiver((response) => {
      response.writeHead(200);
      const timer = setInterval(() => {
        written += piece.length;
        response.write(piece);
      }, everyMs);
      response.on('close', () => clearInterval(timer));
    });
    const { writeUntilDone, deadLetters } = await openSink(receiver.url, { timeoutMs: 1_000 });
    await writeUntilDone(batchOf(opened(2)));
    const ids = new Set(receiver.requests.map(({ alert }) => alert.incidentId));
    expect([...ids]).toEqual(['incident-0', 'incident-1']);
    expect(deadLetters).toEqual([]);
    // A few kB are read; what the sockets of both sides buffer comes on top.
    expect(written).toBeLessThan(50_000_000);
  }
});

test('a huge answer is not kept', async () => {
  const gigabyte = function* (): Generator<Buffer> {
    for (let piece = 0; piece < 1_000; piece++) yield Buffer.alloc(1_000_000, 'x');
  };
  const receiver = await startReceiver((response) => {
    response.writeHead(500);
    pipeline(Readable.from(gigabyte()), response, () => undefined);
  });
  const { writeUntilDone, deadLetters } = await openSink(receiver.url, { maxAttempts: 20 });
  await writeUntilDone(batchOf(opened(1)));
  expect(receiver.requests).toHaveLength(20);
  expect(deadLetters[0]?.error.message).toContain('after 20 attempt(s): it answered 500');
  expect(deadLetters[0]?.error.message).not.toContain('xxx');
});

test('connecting that takes too long is cut', async () => {
  const { writeUntilDone, deadLetters } = await openSink('http://slow.example.com:1/', {
    resolve: () => new Promise(() => undefined),
    connectTimeoutMs: 50,
    maxAttempts: 1,
  });
  await writeUntilDone(batchOf(opened(1)));
  expect(deadLetters[0]?.error.message).toContain('connecting took longer than 50 ms');
});

test('closing cuts a request that is under way', async () => {
  const receiver = await startReceiver(() => undefined);
  const { sink, deadLetters } = await openSink(receiver.url);
  const writing = expect(sink.write(batchOf(opened(1)))).rejects.toMatchObject({ code: 'WEBHOOK_CLOSED' });
  await expect.poll(() => receiver.requests.length, { timeout: 50_000 }).toBe(1);
  await sink.close();
  await writing;
  expect(deadLetters).toEqual([]);
});
