import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { runServer, statusUnderHost } from './running-server.ts';
import { eventJson } from './samples.ts';

const MEBIBYTE = 1024 * 1024;

test.each([
  ['__proto__ as a key', '{"id":"e-1","__proto__":{"admin":true}}', 'HTTP_JSON_FORBIDDEN_KEY'],
  ['__proto__ written with escapes', '{"\\u005f_proto__":{"admin":true}}', 'HTTP_JSON_FORBIDDEN_KEY'],
  ['__proto__ inside attributes', '{"attributes":{"__proto__":"x"}}', 'HTTP_JSON_FORBIDDEN_KEY'],
  ['constructor.prototype', '{"constructor":{"prototype":{"x":1}}}', 'HTTP_JSON_FORBIDDEN_KEY'],
  ['not JSON', '{"id":', 'HTTP_JSON_INVALID'],
  ['a form', 'id=e-1&source=probe', 'HTTP_JSON_INVALID'],
  ['an empty body', '', 'HTTP_JSON_INVALID'],
  ['deep arrays', '['.repeat(200_000), 'HTTP_JSON_TOO_DEEP'],
  ['deep objects', '{"a":'.repeat(33) + '1' + '}'.repeat(33), 'HTTP_JSON_TOO_DEEP'],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'HTTP_JSON_INVALID'],
  ['null', 'null', 'HTTP_EVENT_INVALID'],
])('%s is refused with 400', async (_name, body, code) => {
  const server = await runServer();
  const { status, json, headers } = await server.post('/events', body);
  expect([status, json.code]).toEqual([400, code]);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(server.pipeline.events).toEqual([]);
});

test('brackets inside a string do not count as depth', async () => {
  const server = await runServer();
  const { status } = await server.post('/events', eventJson({ summary: '[{"\\'.repeat(50) }));
  expect(status).toBe(202);
});

test('a body of 10 MB is refused with 413, and the client gets to read it', async () => {
  const server = await runServer();
  const body = JSON.stringify(eventJson({ summary: 'x'.repeat(10 * MEBIBYTE) }));
  for (let round = 0; round < 5; round += 1) {
    const { status, json } = await server.post('/events', body);
    expect([status, json.code]).toEqual([413, 'HTTP_BODY_TOO_LARGE']);
  }
  expect((await server.post('/events', eventJson())).status).toBe(202);
});

test('a client that sends all of its 10 MB before it reads gets its answer, not a reset connection', async () => {
  const server = await runServer();
  for (let round = 0; round < 5; round += 1) {
    const answer = await sendThenRead(server.url, {
      head: `POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${10 * MEBIBYTE}\r\n\r\n`,
      body: Buffer.alloc(10 * MEBIBYTE, 'x'),
    });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  }
});

test('a body of 10 MB in chunks, its length unsaid, is refused with 413', async () => {
  const server = await runServer();
  const piece = new TextEncoder().encode('x'.repeat(MEBIBYTE));
  const response = await fetch(`${server.url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: ReadableStream.from(Array.from({ length: 10 }, () => piece)),
    duplex: 'half',
  });
  expect(response.status).toBe(413);
});

test('a summary that is too long is refused by name, in a body that is not', async () => {
  const server = await runServer();
  const { status, json } = await server.post('/events', eventJson({ summary: 'x'.repeat(MEBIBYTE / 2) }));
  expect([status, json.code]).toEqual([400, 'HTTP_EVENT_INVALID']);
  expect(json.errors).toMatchObject([{ field: 'summary' }]);
});

test.each([
  ['/events', eventJson()],
  ['/incidents/inc-1/resolve', { actor: 'ana' }],
])('POST %s full of unknown fields is not answered by a list many times its size', async (path, body) => {
  const server = await runServer();
  const unknown = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, 0]));
  const { status, json, text } = await server.post(path, { ...body, ...unknown });
  expect([status, json.errors.length]).toEqual([400, 50]);
  expect(text.length).toBeLessThan(10_000);
});

test.each([
  ['text', { 'content-type': 'text/plain' }],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['something like JSON', { 'content-type': 'application/jsonx' }],
  ['JSON in another charset', { 'content-type': 'application/json; charset=utf-16' }],
])('%s as media type is refused with 415', async (_name, headers) => {
  const server = await runServer();
  const { status, json } = await server.post('/events', eventJson(), headers);
  expect([status, json.code]).toEqual([415, 'HTTP_MEDIA_TYPE']);
});

test('JSON with its charset said is taken', async () => {
  const server = await runServer();
  const headers = { 'content-type': 'application/json; charset=UTF-8' };
  expect((await server.post('/events', eventJson(), headers)).status).toBe(202);
});

test('a POST without any body is refused', async () => {
  const server = await runServer();
  const response = await fetch(`${server.url}/events`, { method: 'POST' });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'HTTP_BODY_INVALID' });
});

test('a host name that is not allowed is refused, so that DNS rebinding gains nothing', async () => {
  const server = await runServer({ allowedHosts: ['Incidents.example'] });
  const { port } = new URL(server.url);
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1.evil.example',
    'localhost@evil',
    '[::2]',
  ]) {
    expect([host, await statusUnderHost(`${server.url}/incidents`, host)]).toEqual([host, 403]);
  }
  for (const host of [`127.0.0.1:${port}`, 'localhost', 'LOCALHOST:80', '[::1]:8080', 'incidents.example']) {
    expect([host, await statusUnderHost(`${server.url}/incidents`, host)]).toEqual([host, 200]);
  }
  expect(await statusUnderHost(`${server.url}/no/such/route`, 'evil.example')).toBe(403);
});

test('unknown routes, broken URLs and over-long ids are problems too', async () => {
  const server = await runServer();
  const cases = [
    ['/nothing', 404, 'HTTP_ROUTE_UNKNOWN'],
    ['/incidents/%zz', 400, 'HTTP_REQUEST_MALFORMED'],
    [`/incidents/${'x'.repeat(300)}`, 400, 'HTTP_REQUEST_MALFORMED'],
  ] as const;
  for (const [path, expected, code] of cases) {
    const { status, json, headers } = await server.get(path);
    expect([path, status, json.code, json.status]).toEqual([path, expected, code, expected]);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('bytes that are not HTTP get a problem and a closed connection', async () => {
  const server = await runServer();
  const answer = await sendThenRead(server.url, { head: 'NONSENSE\r\n\r\n' });
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\nContent-Type: application\/problem\+json/);
});

test('a failure inside is logged, and shows the client nothing of the inside', async () => {
  const server = await runServer();
  server.pipeline.broken = new Error('cannot read /secret/path');
  const { status, json, text } = await server.get('/incidents/inc-1');
  expect([status, json.code]).toEqual([500, 'HTTP_INTERNAL']);
  expect(text).not.toMatch(/secret|\.ts|\n\s+at /);
  expect(server.logged.join()).toContain('secret');
});

/** Writes bytes as they are, and only then reads until the server closes. Rejects when the connection is reset. */
function sendThenRead(
  url: string,
  { head, body = Buffer.alloc(0) }: { readonly head: string; readonly body?: Buffer },
): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', reject);
    socket.write(head);
    socket.write(body, () => socket.on('data', (chunk: Buffer) => (answer += chunk.toString())));
    socket.on('end', () => resolve(answer));
  });
}
