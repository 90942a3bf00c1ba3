import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { KafkaStoppedError } from '@incident-streams/streams/kafka';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectKafka, KafkaUnavailableError } from '../../connectors/kafka/index.ts';
import { freePort } from '../../stack/native/free-port.ts';

let silent: Server;
let silentAddress: string;
const sockets = new Set<Socket>();

beforeEach(async () => {
  silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  silentAddress = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('where nobody listens, the admin gives up when its time is over and says what it was about', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const cluster = connectKafka({ brokers: [address], clientId: 'away', giveUpAfterMs: 400 });
  const describing = cluster.admin.describeTopics(['a']);
  await expect(describing).rejects.toThrow(KafkaUnavailableError);
  await expect(describing).rejects.toThrow(/^describing topic a: gave up after \d+ ms: .*ECONNREFUSED/);
  await cluster.close();
});

test('where somebody listens who does not answer, requests end when their time is over', async () => {
  const cluster = connectKafka({
    ...{ brokers: [silentAddress], clientId: 'away' },
    ...{ requestTimeoutMs: 150, giveUpAfterMs: 500 },
  });
  const startedMs = performance.now();
  await expect(cluster.admin.describeTopics(['a'])).rejects.toThrow('Request timed out');
  expect(performance.now() - startedMs).toBeLessThan(30_000);
  await cluster.close();
});

test('a reader says what is wrong, tries again, and can be closed meanwhile', async () => {
  const cluster = connectKafka({ brokers: [silentAddress], clientId: 'away', requestTimeoutMs: 100 });
  const reader = cluster.reader({ onArrival: () => undefined });
  reader.read({ topic: 'a', partition: 0 }, 0);
  await expect.poll(() => reader.failure(), { timeout: 50_000 }).toBe('a[0]: Request timed out');
  const seen = sockets.size;
  await expect.poll(() => sockets.size, { timeout: 50_000 }).toBeGreaterThan(seen + 1);
  await reader.close();
  await cluster.close();
});

test('closing does not wait for a connection that is not made yet, and ends what is asked for over it', async () => {
  const tls = { rejectUnauthorized: false };
  const cluster = connectKafka({ brokers: [silentAddress], clientId: 'away', tls, giveUpAfterMs: 50_000 });
  const describing = cluster.admin.describeTopics(['a']).catch((error: unknown) => error);
  await once(silent, 'connection');
  const startedMs = performance.now();
  await cluster.close();
  expect(performance.now() - startedMs).toBeLessThan(30_000);
  expect(await describing).toBeInstanceOf(KafkaStoppedError);
});
