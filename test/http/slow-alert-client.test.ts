import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Alert } from '../../schemas/alert.ts';
import { runServer } from './running-server.ts';
import type { RunningServer } from './running-server.ts';
import { alert } from './samples.ts';
import { SseClient } from './sse-client.ts';

const BIG = alert({ summary: 'x'.repeat(60_000) });

/** Subscribes and then does not read, as a laptop that was closed. */
async function subscribeWithoutReading(server: RunningServer): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write('GET /alerts HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await expect.poll(() => server.pipeline.alerts.subscribers, { timeout: 50_000 }).toBe(1);
  return socket.pause();
}

async function raiseUntilLetGo(server: RunningServer): Promise<number> {
  let raised = 0;
  while (server.pipeline.alerts.subscribers > 0 && raised < 10_000) {
    server.pipeline.alerts.raise(0, BIG);
    raised += 1;
    await sleep(0);
  }
  return raised;
}

test('a client that does not read is let go instead of growing memory', async () => {
  const server = await runServer({ alerts: { maxBufferedBytes: 256 * 1024, drainMs: 100 } });
  const socket = await subscribeWithoutReading(server);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const raised = await raiseUntilLetGo(server);
  expect(server.pipeline.alerts.subscribers).toBe(0);
  expect(raised).toBeLessThan(1_000);
  await sleep(300);
  socket.resume();
  await closed;
});

test('a client that was let go, but reads on, gets what waited for it and the reason', async () => {
  const server = await runServer({ alerts: { maxBufferedBytes: 256 * 1024, drainMs: 10_000 } });
  const socket = await subscribeWithoutReading(server);
  await raiseUntilLetGo(server);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.resume();
  await expect.poll(() => text.includes('HTTP_ALERTS_TOO_SLOW'), { timeout: 50_000 }).toBe(true);
  const ids = [...text.matchAll(/^id: (\d+)\.0$/gm)].map((match) => Number(match[1]));
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, n) => n));
});

test('one slow client costs the others nothing', async () => {
  const server = await runServer({ alerts: { maxBufferedBytes: 256 * 1024 } });
  await subscribeWithoutReading(server);
  const reader = await SseClient.connect(`${server.url}/alerts`);
  for (let n = 0; n < 300; n += 1) {
    server.pipeline.alerts.raise(0, BIG);
    await reader.until(() => reader.alerts().length > n);
  }
  expect(reader.alerts()).toHaveLength(300);
  expect(server.pipeline.alerts.subscribers).toBe(1);
});

test('a client far behind catches up over several connections, without gap or repeat', async () => {
  const server = await runServer({ alerts: { maxBufferedBytes: 64 * 1024 } });
  for (let version = 0; version < 1_000; version += 1)
    server.pipeline.alerts.raise(version % 2, alert({ incidentVersion: version }));
  const versions: number[] = [];
  let position = '0.0';
  let connections = 0;
  while (versions.length < 1_000 && connections < 100) {
    const client = await SseClient.connect(`${server.url}/alerts`, { 'last-event-id': position });
    const isDone = (): boolean => versions.length + client.alerts().length >= 1_000;
    await client.until(() => isDone() || client.messages.some(({ event }) => event === 'end'));
    client.disconnect();
    versions.push(...client.alerts().map(({ data }) => (JSON.parse(data) as Alert).incidentVersion));
    position = client.lastEventId;
    connections += 1;
  }
  expect(connections).toBeGreaterThan(1);
  expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
});
