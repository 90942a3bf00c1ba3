import { expect, test } from 'vitest';
import { ROLES } from '../../connectors/http/index.ts';
import type { Role } from '../../connectors/http/index.ts';
import { accessOf } from '../../connectors/http/auth/route-access.ts';
import { bearer, jsonFrom, runGuardedServer } from './auth-server.ts';
import { eventJson } from './samples.ts';

const READERS: readonly Role[] = ['read', 'operate', 'admin'];

test.each([
  ['GET', '/incidents', READERS],
  ['GET', '/incidents/inc-1', READERS],
  ['GET', '/stats', READERS],
  ['GET', '/readyz', READERS],
  ['POST', '/events', ['admin', 'ingest']],
  ['POST', '/incidents/inc-1/acknowledge', ['operate', 'admin']],
  ['POST', '/incidents/inc-1/resolve', ['operate', 'admin']],
  ['POST', '/incidents/inc-1/comment', ['operate', 'admin']],
] as const)('%s %s is for %j', async (method, path, allowed) => {
  const server = await runGuardedServer();
  const body = path === '/events' ? eventJson() : { actor: 'ana', comment: 'on it' };
  for (const role of ROLES) {
    const token = server.tokens[role];
    const { status, json, headers } =
      method === 'GET'
        ? await server.get(path, bearer(token))
        : await server.post(path, body, jsonFrom(token));
    if ((allowed as readonly Role[]).includes(role))
      expect([role, status]).toEqual([role, method === 'GET' ? 200 : 202]);
    else {
      expect([role, status, json.code]).toEqual([role, 403, 'HTTP_ROLE_MISSING']);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer error="insufficient_scope", scope="\w+"$/);
    }
  }
  const done = allowed.filter(() => method === 'POST').length;
  expect(server.pipeline.events.length + server.pipeline.commands.length).toBe(done);
});

test('HEAD asks for what GET asks for', async () => {
  const server = await runGuardedServer();
  const statusOf = async (role: Role): Promise<number> =>
    (await fetch(`${server.url}/incidents`, { method: 'HEAD', headers: bearer(server.tokens[role]) })).status;
  expect([await statusOf('read'), await statusOf('ingest')]).toEqual([200, 403]);
});

test('a route that changes something and of which nothing is known is for admin alone', () => {
  expect(accessOf('POST', '/whatever')).toBe('admin');
  expect(accessOf('DELETE', '/events')).toBe('ingest');
  expect(accessOf('POST', '/eventsource')).toBe('admin');
  expect(accessOf('POST', '/integrations/alertmanager')).toBe('ingest');
  expect(accessOf('DELETE', '/silences/:id')).toBe('operate');
  expect(accessOf('GET', '/openapi.json', { access: 'public' })).toBe('public');
});

test('whoever has a token is told that there is no such route', async () => {
  const server = await runGuardedServer();
  const { status, json } = await server.get('/no/such/route', bearer(server.tokens.ingest));
  expect([status, json.code]).toEqual([404, 'HTTP_ROUTE_UNKNOWN']);
});

test('without tokens everybody is served, whatever they send as one', async () => {
  const server = await runGuardedServer({ tokens: undefined });
  expect((await server.get('/incidents')).status).toBe(200);
  expect((await server.get('/incidents', bearer('x'))).status).toBe(200);
});
