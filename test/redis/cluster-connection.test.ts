import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { hashSlotOf } from '../../connectors/redis/hash-slot.ts';
import { RedisConnection } from '../../connectors/redis/redis-connection.ts';
import { openRedisSubscriber } from '../../connectors/redis/redis-subscriber.ts';
import { moveSlot, startRedisCluster } from '../services/native/redis-cluster.ts';
import type { RedisClusterNode, RunningRedisCluster } from '../services/native/redis-cluster.ts';
import { startOwnRedis } from './redis-under-test.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

const SCRIPTS = {
  appendText: { lua: "redis.call('APPEND', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])" },
};
const PATIENCE = { timeout: 60_000, interval: 20 };

await describeWithPrograms(['redis-server'], 'a connection to Redis Cluster', () => {
  let folder: string;
  let cluster: RunningRedisCluster;
  let connection: RedisConnection;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redis-cluster-'));
    cluster = await startRedisCluster(folder);
    connection = new RedisConnection({ url: cluster.url, timeoutMs: 4_000 }, SCRIPTS);
  }, 120_000);
  afterAll(async () => {
    connection.close();
    await cluster.stop();
    await rm(folder, { recursive: true });
  });

  const set = (key: string, value: string) =>
    connection.run({ doing: `SET ${key}`, key }, (client) => client.set(key, value));
  const get = (key: string) => connection.run({ doing: `GET ${key}`, key }, (client) => client.get(key));
  const append = (key: string, text: string) =>
    connection.run({ doing: `EVALSHA appendText ${key}`, key }, (client) => {
      const scripts = client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      return scripts['appendText']?.call(client, 1, key, text) ?? Promise.reject(new Error('no script'));
    });

  /** A key without a tag that some node holds, and another node. */
  function keyAndOtherNode(base: string): {
    key: string;
    slot: number;
    from: RedisClusterNode;
    to: RedisClusterNode;
  } {
    const slot = hashSlotOf(base);
    const from = cluster.nodeOf(slot);
    const to = cluster.nodes.find((node) => node !== from) as RedisClusterNode;
    return { key: base, slot, from, to };
  }

  const keyOn = (node: RedisClusterNode) =>
    Array.from({ length: 100 }, (_, index) => `other-${index}`).find(
      (name) => cluster.nodeOf(hashSlotOf(name)) === node,
    ) as string;

  test('slots are computed as the server does', async () => {
    const [node] = cluster.nodes;
    for (const key of [
      '',
      'a',
      'ü',
      'incidents:{p0}:open',
      '{}x',
      'x{',
      '{{a}}b',
      'a}{b}{c}',
      '}{',
      'x'.repeat(300),
    ])
      expect([key, hashSlotOf(key)]).toEqual([key, await node?.client.cluster('KEYSLOT', key)]);
  });

  test('every key reaches its node, whichever nodes the url names', async () => {
    const [first, ...others] = cluster.url.replace('redis+cluster://', '').split(',');
    expect(others).toHaveLength(2);
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    const small = new RedisConnection({ url: `redis+cluster://127.0.0.1:1,${first}`, timeoutMs: 10_000 });
    await Promise.all(keys.map((key) => set(key, `value of ${key}`)));
    for (const key of keys) {
      const value = await small.run({ doing: 'GET', key }, (client) => client.get(key));
      expect(value).toBe(`value of ${key}`);
      expect(await cluster.nodeOf(hashSlotOf(key)).client.get(key)).toBe(value);
    }
    small.close();
  });

  test('while a slot moves, each key is found where it is, and a script runs where its keys are', async () => {
    const { key, slot, from, to } = keyAndOtherNode('moving');
    const keys = Array.from({ length: 20 }, (_, index) => `{${key}}:${index}`);
    const values = keys.map((name) => `value of ${name}`);
    for (const name of keys) await set(name, `value of ${name}`);
    const readAll = () => Promise.all(keys.map(get));

    const text = `{${key}}:text`;
    await append(text, 'before');
    await moveSlot(slot, {
      from,
      to,
      halfway: async () => {
        const here = await from.client.keys(`{${key}}:*`);
        expect(here.length).toBeGreaterThan(5);
        expect(here.length).toBeLessThan(keys.length);
        expect(await readAll()).toEqual(values);
        // Called there before, and forgotten since: the client believes that the script is there.
        await append(keyOn(to), 'anything');
        await to.client.script('FLUSH');
        expect(await append(text, ', halfway')).toBe('before, halfway');
      },
      allMoved: async () => {
        expect(await readAll()).toEqual(values);
        expect(await append(text, ', moved')).toBe('before, halfway, moved');
      },
    });
    expect(await readAll()).toEqual(values);
    expect(await append(text, ', after')).toBe('before, halfway, moved, after');
    expect(await from.client.keys(`{${key}}:*`)).toEqual([]);
    await moveSlot(slot, { from: to, to: from });
    expect(await readAll()).toEqual(values);
  });

  test('a script that a node has forgotten is sent to it again', async () => {
    expect(await append('{forgotten}', 'once')).toBe('once');
    for (const { client } of cluster.nodes) await client.script('FLUSH');
    expect(await append('{forgotten}', ', twice')).toBe('once, twice');
  });

  test('a node that hangs fails what concerns it within the time, and nothing else', async () => {
    const { key, slot, to } = keyAndOtherNode('hanging');
    const other = keyOn(to);
    const node = cluster.nodeOf(slot);
    await set(key, 'here');
    node.freeze();
    try {
      const stuck = expect(get(key)).rejects.toMatchObject({
        code: 'REDIS_UNAVAILABLE',
        message: expect.stringContaining(`GET ${key}: Redis at 127.0.0.1:${node.port}`) as string,
      });
      expect(await set(other, 'fine')).toBe('OK');
      await stuck;
      expect(await get(other)).toBe('fine');
      await expect(get(key)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    } finally {
      node.thaw();
    }
    await vi.waitFor(async () => expect(await get(key)).toBe('here'), PATIENCE);
  });

  test('a subscriber hears what is published on any node, and moves to another when its node dies', async () => {
    const heard: string[] = [];
    let subscriptions = 0;
    const subscriber = openRedisSubscriber(
      { url: cluster.url, timeoutMs: 10_000 },
      {
        channels: ['news'],
        onMessage: (message) => heard.push(message),
        onSubscribed: () => subscriptions++,
      },
    );
    await vi.waitUntil(() => subscriptions === 1, PATIENCE);
    for (const { client, port } of cluster.nodes) await client.publish('news', String(port));
    const ports = cluster.nodes.map(({ port }) => String(port));
    await vi.waitUntil(() => heard.length === 3, PATIENCE);
    expect(heard.toSorted()).toEqual(ports.toSorted());

    const [first, second] = cluster.nodes;
    await first?.kill();
    await vi.waitUntil(() => subscriptions >= 2, PATIENCE);
    await second?.client.publish('news', 'still here');
    await vi.waitUntil(() => heard.includes('still here'), PATIENCE);
    await first?.restart();
    await subscriber.close();
  });

  test('a cluster that is not there is REDIS_UNAVAILABLE, without the password', async () => {
    const away = new RedisConnection({
      url: 'redis+cluster://u:s3cret@127.0.0.1:1,127.0.0.1:2',
      timeoutMs: 300,
    });
    const call = { doing: 'GET a', key: 'a' };
    const error: unknown = await away
      .run(call, (client) => client.get('a'))
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    expect(String(error)).toMatch(/GET a.*127\.0\.0\.1:\d/);
    expect(String(error)).not.toContain('s3cret');
    away.close();
  });

  test('a url of the wrong kind is answered by what Redis says to it', async () => {
    const call = { doing: 'GET a', key: 'a' };
    const alone = await startOwnRedis();
    const asCluster = new RedisConnection({ url: alone.url.replace('redis:', 'redis+cluster:') });
    await expect(asCluster.run(call, (client) => client.get('a'))).rejects.toThrow(
      'cluster support disabled',
    );
    asCluster.close();
    await alone.stop();

    const [other] = cluster.nodes.filter((node) => node !== cluster.nodeOf(hashSlotOf('a')));
    const asOne = new RedisConnection({ url: `redis://127.0.0.1:${other?.port}` });
    const asking = () => asOne.run(call, (client) => client.get('a'));
    // Nodes that have not found each other again after the test before say CLUSTERDOWN.
    await vi.waitFor(() => expect(asking()).rejects.toThrow('MOVED'), PATIENCE);
    asOne.close();
  });
});
