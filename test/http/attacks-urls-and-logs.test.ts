import { expect, test } from 'vitest';
import { pino } from 'pino';
import { createToken } from '../../connectors/http/index.ts';
import { bearer, runGuardedServer } from './auth-server.ts';
import { runServer } from './running-server.ts';
import { incident } from './samples.ts';

const PLACES: readonly ((token: string) => string)[] = [
  (token) => `/incidents?token=${token}`,
  (token) => `/incidents?access_token=${token}`,
  (token) => `/incidents?Authorization=Bearer%20${token}`,
  (token) => `/incidents?service=${token}`,
  (token) => `/incidents?service=${token.replace('ist_', '%69%73%74%5f')}`,
  (token) => `/incidents/${token}`,
  (token) => `/${token}`,
  (token) => `/incidents/%zz${token}`,
  (token) => `/healthz?x=${token}`,
];

test.each(PLACES.map((urlOf) => [urlOf('…'), urlOf] as const))(
  'a token in a URL such as %s is refused, and neither answered nor logged',
  async (_name, urlOf) => {
    const server = await runGuardedServer();
    const { read } = server.tokens;
    const { status, json, text } = await server.get(urlOf(read), bearer(read));
    expect([status, json.code]).toEqual([400, 'HTTP_TOKEN_IN_URL']);
    expect(text).not.toContain(read.slice(4));
    expect(server.logged.join()).not.toContain(read.slice(4));
  },
);

test('a parameter that is named like a token is refused whatever it holds; a name that begins like one is not', async () => {
  const server = await runServer();
  expect((await server.get('/incidents?access_token=hunter2')).json.code).toBe('HTTP_TOKEN_IN_URL');
  expect((await server.get('/incidents?service=ist_shop')).status).toBe(200);
  expect((await server.get('/incidents?service=artist_catalogue_and_more_things')).status).toBe(200);
});

test('no token and no Authorization header is ever logged, at any level, whatever goes wrong', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const server = await runGuardedServer({ logger });
  const { admin, ingest } = server.tokens;
  const forged = createToken();
  await server.get('/incidents', bearer(admin));
  await server.get('/incidents', bearer(forged));
  await server.get('/incidents', bearer(ingest));
  server.pipeline.broken = new Error('cannot be read');
  await server.get('/incidents/inc-1', bearer(admin));
  await server.post('/events', '{"id":', { ...bearer(ingest), 'content-type': 'application/json' });
  expect(lines.join('')).toContain('cannot be read');
  expect(lines.join('')).toContain('a token was refused');
  for (const token of [admin, ingest, forged]) expect(lines.join('')).not.toContain(token.slice(4));
  expect(lines.join('').toLowerCase()).not.toContain('bearer');
});

test('line breaks in what a client sends cannot begin a line of the log', async () => {
  const server = await runServer();
  const forged = '\r\n{"level":60,"msg":"forged"}\n';
  server.pipeline.broken = new Error(`no incident ${forged}`);
  await server.get(`/incidents/${encodeURIComponent(forged)}`, { 'user-agent': 'x' });
  server.pipeline.broken = undefined;
  await server.get(`/incidents/${encodeURIComponent(forged)}`);
  await server.get(`/incidents?service=${encodeURIComponent(forged)}`);
  expect(server.logged.length).toBeGreaterThan(0);
  for (const line of server.logged) {
    expect(line.trimEnd().split(/[\r\n]/)).toHaveLength(1);
    expect((JSON.parse(line) as { msg: string }).msg).not.toBe('forged');
  }
});

test('a line break in an id does not get into the headers of an answer', async () => {
  const server = await runServer();
  const id = 'x\r\nset-cookie: a=b';
  server.pipeline.put(incident({ incidentId: id }));
  const path = `/incidents/${encodeURIComponent(id)}/resolve`;
  const { status, headers } = await server.post(path, { actor: 'ana' });
  expect(status).toBe(202);
  expect(headers.get('set-cookie')).toBeNull();
  expect(headers.get('location')).toBe(`/incidents/${encodeURIComponent(id)}`);
});

test('a script in a summary comes back as data that no browser runs', async () => {
  const server = await runServer();
  const summary = '<script>alert(1)</script>';
  server.pipeline.put(incident({ summary }));
  const { headers, json } = await server.get('/incidents/inc-1');
  expect(json.summary).toBe(summary);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  const unknown = await server.get(`/incidents/${encodeURIComponent(summary)}`);
  expect(unknown.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(unknown.headers.get('x-content-type-options')).toBe('nosniff');
});
