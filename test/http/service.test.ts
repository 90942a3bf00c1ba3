import { expect, test } from 'vitest';
import { createHttpServer, listenHttp } from '../../connectors/http/index.ts';
import { MemoryPipeline } from './memory-ports.ts';
import { runServer } from './running-server.ts';

test('GET / lists the URLs', async () => {
  const server = await runServer();
  const { status, json } = await server.get('/');
  expect(status).toBe(200);
  expect(json.urls).toMatchObject({ events: '/events', stats: '/stats', health: '/healthz' });
});

test('GET /stats answers the ledger of each partition and its total', async () => {
  const server = await runServer();
  server.pipeline.partitions = [
    { partition: 0, received: 10, applied: 6, duplicates: 2, late: 1, deadLettered: 1 },
    { partition: 1, received: 5, applied: 5, duplicates: 0, late: 0, deadLettered: 0 },
  ];
  const { json } = await server.get('/stats');
  expect(json.partitions).toEqual(server.pipeline.partitions);
  expect(json.total).toEqual({ received: 15, applied: 11, duplicates: 2, late: 1, deadLettered: 1 });
});

test('GET /readyz is 503 while a part is starting or has failed; a part that is off is no obstacle', async () => {
  const server = await runServer();
  const part = (state: 'ready' | 'starting' | 'off' | 'failed') => ({
    name: 'redis',
    state,
    reason: 'as it is',
  });
  for (const [state, expected] of [
    ['ready', 200],
    ['off', 200],
    ['starting', 503],
    ['failed', 503],
  ] as const) {
    server.pipeline.parts = [{ name: 'runtime', state: 'ready', reason: null }, part(state)];
    const { status, json } = await server.get('/readyz');
    expect([state, status]).toEqual([state, expected]);
    expect(json).toEqual({ ready: expected === 200, parts: server.pipeline.parts });
  }
});

test('GET /healthz is 200 whatever the parts say', async () => {
  const server = await runServer();
  server.pipeline.parts = [{ name: 'runtime', state: 'failed', reason: 'gone' }];
  const { status, json } = await server.get('/healthz');
  expect([status, json]).toEqual([200, { status: 'up' }]);
});

test('every answer carries the security headers and no more of the server than needed', async () => {
  const server = await runServer();
  for (const path of ['/', '/incidents', '/nothing', '/incidents/%zz']) {
    const { headers } = await server.get(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test('it listens on loopback unless told otherwise', async () => {
  const app = createHttpServer(new MemoryPipeline().ports());
  const url = await listenHttp(app);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(app.addresses()).toMatchObject([{ address: '127.0.0.1' }]);
  await app.close();
});

test('closing waits for a request under way, but not for ever', async () => {
  const server = await runServer({ closeGraceMs: 200 }, (ports) => ({
    ...ports,
    ledger: { partitions: () => new Promise(() => undefined) },
  }));
  const hanging = server.get('/stats').catch(() => 'cut off');
  await server.get('/healthz');
  const startedAtMs = performance.now();
  await server.app.close();
  expect(await hanging).toBe('cut off');
  expect(performance.now() - startedAtMs).toBeLessThan(30_000);
});
