import { expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert } from '../../schemas/alert.ts';
import { runServer } from './running-server.ts';
import { alert } from './samples.ts';
import { SseClient } from './sse-client.ts';

test('GET /alerts streams alerts as they are raised', async () => {
  const server = await runServer();
  server.pipeline.alerts.raise(0, alert({ reason: 'before' }));
  const client = await SseClient.connect(`${server.url}/alerts`);
  expect(client.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(client.response.headers.get('cache-control')).toBe('no-store');
  expect(client.response.headers.get('x-content-type-options')).toBe('nosniff');
  const raised = alert({ reason: 'two\nlines', summary: '<script>\u2028</script>' });
  server.pipeline.alerts.raise(1, raised);
  await client.until(({ messages }) => messages.length > 0);
  expect(client.messages.map(({ event, data }) => [event, JSON.parse(data) as unknown])).toEqual([
    ['alert', raised],
  ]);
  expect(client.lastEventId).toBe('1.1');
  expect(client.raw).toContain('retry: 2000\n');
});

test('resuming with Last-Event-ID gives every alert of every partition once', async () => {
  const server = await runServer();
  const raise = (from: number, to: number): void => {
    for (let n = from; n < to; n += 1) server.pipeline.alerts.raise(n % 2, alert({ incidentVersion: n }));
  };
  const versions: number[] = [];
  let lastEventId = '0.0';
  for (let round = 0; round < 10; round += 1) {
    raise(round * 20, round * 20 + 10);
    const client = await SseClient.connect(`${server.url}/alerts`, { 'last-event-id': lastEventId });
    raise(round * 20 + 10, round * 20 + 20);
    const wanted = 1 + ((round * 7) % 13);
    await client.until(() => client.alerts().length >= wanted || round === 9);
    if (round === 9) await client.until(() => versions.length + client.alerts().length >= 200);
    client.disconnect();
    await client.ended;
    versions.push(...client.alerts().map(({ data }) => (JSON.parse(data) as Alert).incidentVersion));
    lastEventId = client.lastEventId;
  }
  expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n));
});

test('a client cut off before its first alert misses none', async () => {
  const server = await runServer();
  const first = await SseClient.connect(`${server.url}/alerts`);
  await first.until(({ lastEventId }) => lastEventId !== '');
  first.disconnect();
  await first.ended;
  server.pipeline.alerts.raise(0, alert({ incidentVersion: 7 }));
  const second = await SseClient.connect(`${server.url}/alerts`, { 'last-event-id': first.lastEventId });
  await second.until(({ messages }) => messages.length > 0);
  expect(JSON.parse(second.messages[0]?.data ?? '')).toMatchObject({ incidentVersion: 7 });
});

test('?after= starts from a position, and Last-Event-ID wins over it', async () => {
  const server = await runServer();
  for (const version of [1, 2]) server.pipeline.alerts.raise(0, alert({ incidentVersion: version }));
  const fromStart = await SseClient.connect(`${server.url}/alerts?after=0.0`);
  await fromStart.until(() => fromStart.alerts().length === 2);
  const resumed = await SseClient.connect(`${server.url}/alerts?after=0.0`, { 'last-event-id': '1.0' });
  await resumed.until(() => resumed.alerts().length > 0);
  expect(JSON.parse(resumed.messages[0]?.data ?? '')).toMatchObject({ incidentVersion: 2 });
});

test.each(['1', 'x.y', '-1.0', '9.9', '1.2.3'])('the position %s is refused, not guessed at', async (id) => {
  const server = await runServer();
  const { status, json } = await server.get('/alerts', { 'last-event-id': id });
  expect([status, json.code]).toEqual([400, 'HTTP_ALERT_POSITION_INVALID']);
  expect(server.pipeline.alerts.subscribers).toBe(0);
});

test('a position with a line break cannot write into the stream', async () => {
  const server = await runServer();
  const { status, json } = await server.get('/alerts?after=0.0%0Adata:%20forged');
  expect([status, json.code]).toEqual([400, 'HTTP_QUERY_INVALID']);
});

test('a subscriber that leaves is forgotten, and the number of subscribers is bounded', async () => {
  const server = await runServer({ alerts: { maxClients: 1 } });
  const first = await SseClient.connect(`${server.url}/alerts`);
  const refused = await server.get('/alerts');
  expect([refused.status, refused.json.code]).toEqual([503, 'HTTP_ALERT_CLIENTS']);
  first.disconnect();
  await expect.poll(() => server.pipeline.alerts.subscribers, { timeout: 50_000 }).toBe(0);
  const next = await SseClient.connect(`${server.url}/alerts`);
  expect(next.response.status).toBe(200);
});

test('silence is filled with heartbeats', async () => {
  const server = await runServer({ alerts: { heartbeatMs: 20 } });
  const client = await SseClient.connect(`${server.url}/alerts`);
  await client.until(({ raw }) => raw.split(': heartbeat\n\n').length > 3);
  expect(client.messages).toEqual([]);
});

test('closing the server ends every stream with a reason, at once', async () => {
  const server = await runServer({ closeGraceMs: 60_000 });
  const clients = await Promise.all([1, 2, 3].map(() => SseClient.connect(`${server.url}/alerts`)));
  const startedAtMs = performance.now();
  await server.app.close();
  expect(performance.now() - startedAtMs).toBeLessThan(30_000);
  for (const client of clients) {
    await client.ended;
    expect(client.messages.map(({ event, data }) => [event, JSON.parse(data) as unknown])).toMatchObject([
      ['end', { code: 'HTTP_SERVER_CLOSING' }],
    ]);
  }
  expect(server.pipeline.alerts.subscribers).toBe(0);
});

test('a subscriber that comes while the server closes does not hold it up', async () => {
  const server = await runServer({ closeGraceMs: 60_000 }, (ports) => ({
    ...ports,
    alerts: { position: () => sleep(200).then(() => '0.0'), open: ports.alerts.open.bind(ports.alerts) },
  }));
  const late = server.get('/alerts');
  await server.get('/healthz');
  const startedAtMs = performance.now();
  await server.app.close();
  expect(performance.now() - startedAtMs).toBeLessThan(30_000);
  expect((await late).json.code).toBe('HTTP_SERVER_CLOSING');
});
