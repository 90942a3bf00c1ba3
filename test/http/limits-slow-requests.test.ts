import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { bearer, runGuardedServer } from './auth-server.ts';
import { runServer } from './running-server.ts';

const HEAD = 'POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const BODY = 'Content-Length: 1000\r\n\r\n';

/** Sends a piece every 50 ms and resolves with the answer once the server has closed the connection. */
function drip(url: string, start: string, piece: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const timer = setInterval(() => socket.write(piece), 50);
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
    socket.write(start);
  });
}

test.each([
  ['a body', HEAD + BODY, ' '],
  ['a body in chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
  ['headers', HEAD, 'X-More: 1\r\n'],
  ['a first line', 'POST', ' '],
  ['a request of which nothing comes', '', ''],
])(
  '%s sent byte by byte is cut off with 408, and others are served meanwhile',
  async (_name, start, piece) => {
    const server = await runServer({ requestTimeoutMs: 1_000 });
    const answers = Promise.all(Array.from({ length: 20 }, () => drip(server.url, start, piece)));
    expect((await server.get('/incidents')).status).toBe(200);
    for (const answer of await answers) {
      expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
      expect(answer).toContain('"code":"HTTP_REQUEST_TIMEOUT"');
    }
    expect(server.pipeline.events).toEqual([]);
  },
);

test('a slow body from a stranger is answered at once, and does not hold its connection for ever', async () => {
  const server = await runGuardedServer({ requestTimeoutMs: 1_000 });
  const answer = await drip(server.url, HEAD + BODY, ' ');
  expect(answer).toMatch(/^HTTP\/1.1 401 /);
  expect((await server.get('/incidents', bearer(server.tokens.read))).status).toBe(200);
});
