import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createToken } from '../../connectors/http/index.ts';
import { addToken, bearer, jsonFrom, removeToken, runGuardedServer } from './auth-server.ts';
import { eventJson } from './samples.ts';
import { SseClient } from './sse-client.ts';

/** For a machine that is busy with other things. */
const PATIENCE = { timeout: 20_000 };

test('without a token nothing is served but where things are and that the process lives', async () => {
  const server = await runGuardedServer();
  for (const path of ['/incidents', '/incidents/inc-1', '/alerts', '/stats', '/readyz', '/no/such/route']) {
    const { status, json, headers } = await server.get(path);
    expect([path, status, json.code]).toEqual([path, 401, 'HTTP_TOKEN_MISSING']);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  }
  for (const [path, body] of [
    ['/events', eventJson()],
    ['/incidents/inc-1/resolve', { actor: 'ana' }],
  ] as const)
    expect((await server.post(path, body)).json.code).toBe('HTTP_TOKEN_MISSING');
  expect([...server.pipeline.events, ...server.pipeline.commands]).toEqual([]);
  for (const path of ['/', '/healthz']) expect((await server.get(path)).status).toBe(200);
});

test('a body is not read before it is known who sends it', async () => {
  const server = await runGuardedServer();
  const { status } = await server.post('/events', '{"id":');
  expect(status).toBe(401);
});

test('forged, cut, lengthened and misnamed tokens are refused, all alike', async () => {
  const server = await runGuardedServer();
  const { read } = server.tokens;
  const lastCharacter = read.endsWith('A') ? 'B' : 'A';
  const forged = [
    createToken(),
    read.slice(0, -1),
    `${read}A`,
    read.slice(0, -1) + lastCharacter,
    read.toUpperCase(),
    'ist_',
    '',
  ];
  const answers = await Promise.all(forged.map((token) => server.get('/incidents', bearer(token))));
  const headers = ['Basic dXNlcjpwYXNz', read, `Token ${read}`, `Bearer ${read} ${read}`];
  for (const authorization of headers) answers.push(await server.get('/incidents', { authorization }));
  for (const { status, json, headers } of answers) {
    expect([status, json.code, json.detail]).toEqual([401, 'HTTP_TOKEN_INVALID', answers[0]?.json.detail]);
    expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  }
  expect((await server.get('/incidents', { authorization: `bearer ${read}` })).status).toBe(200);
});

test('a token that has expired is refused, and one that has not is taken', async () => {
  const server = await runGuardedServer();
  const old = addToken(server.tokensFile, { name: 'old', role: 'admin', expiresAtMs: Date.now() - 1 });
  const young = addToken(server.tokensFile, {
    name: 'young',
    role: 'read',
    expiresAtMs: Date.now() + 600_000,
  });
  await expect.poll(async () => (await server.get('/incidents', bearer(young))).status, PATIENCE).toBe(200);
  const { status, json, headers } = await server.get('/incidents', bearer(old));
  expect([status, json.code]).toEqual([401, 'HTTP_TOKEN_EXPIRED']);
  expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
});

test('a running server notices a token that is revoked, and ends the stream that was opened with it', async () => {
  const server = await runGuardedServer();
  const revoked = await SseClient.connect(`${server.url}/alerts`, bearer(server.tokens.read));
  const other = await SseClient.connect(`${server.url}/alerts`, bearer(server.tokens.operate));
  expect([revoked.response.status, other.response.status]).toEqual([200, 200]);
  removeToken(server.tokensFile, 'read');
  await revoked.ended;
  await expect.poll(() => server.pipeline.alerts.subscribers, PATIENCE).toBe(1);
  const { status, json } = await server.get('/incidents', bearer(server.tokens.read));
  expect([status, json.code]).toEqual([401, 'HTTP_TOKEN_INVALID']);
  expect((await server.get('/incidents', bearer(server.tokens.operate))).status).toBe(200);
});

test('a stream ends when its token expires', async () => {
  const server = await runGuardedServer();
  const token = addToken(server.tokensFile, { name: 'short', role: 'read', expiresAtMs: Date.now() + 5_000 });
  await expect.poll(async () => (await server.get('/incidents', bearer(token))).status, PATIENCE).toBe(200);
  const stream = await SseClient.connect(`${server.url}/alerts`, bearer(token));
  await stream.ended;
  expect((await server.get('/incidents', bearer(token))).json.code).toBe('HTTP_TOKEN_EXPIRED');
});

test('while the file with the tokens cannot be read nobody is let in, and it is read again when it is mended', async () => {
  const server = await runGuardedServer();
  const read = async (): Promise<number> =>
    (await server.get('/incidents', bearer(server.tokens.read))).status;
  expect(await read()).toBe(200);
  writeFileSync(server.tokensFile, '{"version":1,"tokens":[');
  await expect.poll(read, PATIENCE).toBe(503);
  const { json } = await server.get('/incidents', bearer(server.tokens.read));
  expect(json.code).toBe('HTTP_TOKENS_UNREADABLE');
  expect(json.detail).not.toContain(server.tokensFile);
  writeFileSync(server.tokensFile, '{"version":1,"tokens":[]}');
  await expect.poll(read, PATIENCE).toBe(401);
});

test.each([
  [{}, 'operate'],
  [{ actor: 'operate' }, 'operate'],
  [{ actor: ' ana ' }, 'ana via token operate'],
  [{ actor: 'ana via token admin' }, 'ana via token admin via token operate'],
])('a command with the body %j is done by %s', async (body, actor) => {
  const server = await runGuardedServer();
  const { status } = await server.post('/incidents/inc-1/resolve', body, jsonFrom(server.tokens.operate));
  expect(status).toBe(202);
  expect(server.pipeline.commands).toMatchObject([{ actor }]);
});

test.each(['system', 'System ', '', 7])('the actor %j is refused from a token, too', async (actor) => {
  const server = await runGuardedServer();
  const { json } = await server.post('/incidents/inc-1/resolve', { actor }, jsonFrom(server.tokens.operate));
  expect([json.code, server.pipeline.commands]).toEqual(['HTTP_BODY_INVALID', []]);
});
