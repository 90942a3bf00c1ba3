import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createRedisIncidentReader, createRedisTransitionsSink } from '../../connectors/redis/index.ts';
import { RedisConnection } from '../../connectors/redis/redis-connection.ts';
import type { RedisConnectionOptions } from '../../connectors/redis/redis-connection.ts';
import { openRedisSubscriber } from '../../connectors/redis/redis-subscriber.ts';
import { batchOf, recordsOf, SOURCE } from './transitions.ts';
import { makeCertificates } from '../kafka/certificates.ts';
import type { Certificates } from '../kafka/certificates.ts';
import { startRedis } from '../services/native/redis.ts';
import { startRedisCluster } from '../services/native/redis-cluster.ts';
import { MASTER_NAME, startSentinel } from '../services/native/redis-sentinel.ts';
import { freePort } from '../../stack/native/free-port.ts';
import type { RunningProgram } from '../../stack/native/running-service.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

const PATIENCE = { timeout: 60_000, interval: 20 };
/** A call that cannot succeed takes all of it: long enough for one handshake on a busy machine, which says why. */
const PERHAPS_SLOW = { timeoutMs: 8_000 };

await describeWithPrograms(['redis-server'], 'Redis over TLS', () => {
  let folder: string;
  let certificates: Certificates;
  let tls: { readonly ca: string; readonly cert: string; readonly key: string };
  let server: RunningProgram;
  let tlsPort: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redis-tls-'));
    certificates = await makeCertificates(folder);
    const [ca, cert, key] = await Promise.all(
      [certificates.authority, certificates.client, certificates.clientKey].map((file) =>
        readFile(file, 'utf8'),
      ),
    );
    tls = { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
    tlsPort = await freePort();
    await mkdir(join(folder, 'server'));
    server = await startRedis(join(folder, 'server'), { settings: encrypted(tlsPort) });
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  /** Clients have to show a certificate. */
  const encrypted = (port: number) => ({
    'tls-port': String(port),
    'tls-cert-file': certificates.server,
    'tls-key-file': certificates.server,
    'tls-ca-cert-file': certificates.authority,
  });

  async function ping(options: RedisConnectionOptions): Promise<unknown> {
    const connection = new RedisConnection({ timeoutMs: 5_000, ...options });
    try {
      return await connection.run({ doing: 'PING', key: 'a' }, (client) => client.ping());
    } finally {
      connection.close();
    }
  }

  test('sink, reader and subscriber work with an authority of their own and a client certificate', async () => {
    const options = { url: `rediss://127.0.0.1:${tlsPort}`, tls };
    const heard: string[] = [];
    const subscribed = vi.fn();
    const subscriber = openRedisSubscriber(options, {
      channels: ['alerts'],
      onMessage: (message) => heard.push(message),
      onSubscribed: subscribed,
    });
    await vi.waitUntil(() => subscribed.mock.calls.length > 0, PATIENCE);
    const sink = createRedisTransitionsSink(options);
    await sink.open(SOURCE);
    await sink.write(batchOf(recordsOf([{ incident: 'a', type: 'OPENED' }])));
    const reader = createRedisIncidentReader(options);
    expect(await reader.openIncidents()).toHaveLength(1);
    await vi.waitUntil(() => heard.length === 1, PATIENCE);
    reader.close();
    await subscriber.close();
    await sink.close();
  });

  test('a server that nobody vouches for, or of another name, is not spoken to', async () => {
    const url = `rediss://127.0.0.1:${tlsPort}`;
    const unavailable = (reason: string) => ({
      code: 'REDIS_UNAVAILABLE',
      message: expect.stringContaining(reason) as string,
    });
    await expect(ping({ url, ...PERHAPS_SLOW })).rejects.toMatchObject(unavailable('certificate'));
    const otherName = { ...tls, servername: 'redis.example.org' };
    await expect(ping({ url, tls: otherName, ...PERHAPS_SLOW })).rejects.toMatchObject(
      unavailable('redis.example.org'),
    );
    expect(await ping({ url, tls: { ...tls, servername: 'localhost' } })).toBe('PONG');
  });

  test('a client without the certificate that the server asks for gets nowhere', async () => {
    const url = `rediss://127.0.0.1:${tlsPort}`;
    await expect(ping({ url, tls: { ca: tls.ca }, ...PERHAPS_SLOW })).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
    });
  });

  test('a cluster is spoken to over TLS on every node', { timeout: 120_000 }, async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const cluster = await startRedisCluster(join(folder, 'cluster'), (index) => ({
      ...encrypted(ports[index] ?? 0),
      // Else the nodes name their ports without TLS, whoever asks.
      'tls-cluster': 'yes',
    }));
    const url = `rediss+cluster://127.0.0.1:${ports[0]}`;
    const connection = new RedisConnection({ url, tls, timeoutMs: 10_000 });
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f'])
      expect(await connection.run({ doing: 'SET', key }, (client) => client.set(key, key))).toBe('OK');
    for (const { client } of cluster.nodes) {
      const clients = String(await client.client('LIST'));
      expect(clients).toContain(
        `laddr=127.0.0.1:${ports[cluster.nodes.findIndex((node) => node.client === client)]}`,
      );
    }
    connection.close();
    await cluster.stop();
  });

  test(
    'sentinels and the master that they name, each with a login of its own',
    { timeout: 120_000 },
    async () => {
      const admin = new Redis(server.url);
      await admin.call('ACL', 'SETUSER', 'app', 'on', '>app pw', '~*', '+@all');
      const sentinelPort = await freePort();
      const sentinel = await startSentinel(join(folder, 'sentinel'), {
        masterPort: tlsPort,
        downAfterMs: 30_000,
        lines: [
          ...Object.entries(encrypted(sentinelPort)).map(([name, value]) => `${name} ${value}`),
          'tls-replication yes',
        ],
      });
      const asAdmin = new Redis(sentinel.url);
      await asAdmin.call(
        'ACL',
        'SETUSER',
        'looker',
        'on',
        '>looker pw',
        '+sentinel|get-master-addr-by-name',
        '+sentinel|sentinels',
      );
      await asAdmin.call('ACL', 'SETUSER', 'default', 'off');
      const url = `rediss+sentinel://app:app%20pw@127.0.0.1:${sentinelPort}/${MASTER_NAME}`;
      expect(await ping({ url, tls, sentinel: { username: 'looker', password: 'looker pw' } })).toBe('PONG');

      const wrong = { username: 'looker', password: 'wrong' };
      await expect(ping({ url, tls, sentinel: wrong })).rejects.toMatchObject({ code: 'REDIS_FORBIDDEN' });
      const wrongUser = url.replace('app%20pw', 'wrong');
      const login = { username: 'looker', password: 'looker pw' };
      await expect(ping({ url: wrongUser, tls, sentinel: login })).rejects.toMatchObject({
        code: 'REDIS_FORBIDDEN',
      });
      for (const client of [admin, asAdmin]) client.disconnect();
      await sentinel.stop();
    },
  );
});
