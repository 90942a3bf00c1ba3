import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RedisConnection } from '../../connectors/redis/redis-connection.ts';
import { startOwnRedis } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

const PATIENCE = { timeout: 50_000, interval: 20 };

await describeWithPrograms(['redis-server'], 'a connection to one server', () => {
  let redis: RedisUnderTest;
  let admin: Redis;
  beforeAll(async () => {
    redis = await startOwnRedis();
    admin = new Redis(redis.url);
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  });

  const call = (doing: string) => ({ doing, key: 'a' });

  test('a server that was demoted is left: the next call connects anew, to whoever has the address by then', async () => {
    const connection = new RedisConnection({ url: redis.url });
    const id = () => connection.run(call('CLIENT ID'), (client) => client.client('ID'));
    const set = () => connection.run(call('SET a'), (client) => client.set('a', '1'));
    await set();
    const before = await id();
    expect(await id()).toBe(before);

    await admin.call('REPLICAOF', '127.0.0.1', '1');
    await expect(set()).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
      message: expect.stringContaining('SET a: Redis answered "READONLY') as string,
    });
    expect(await id()).not.toBe(before);
    await admin.call('REPLICAOF', 'NO', 'ONE');
    await set();
    connection.close();
  });

  test('a call whose connection is lost fails at once, and is not sent again', async () => {
    const connection = new RedisConnection({ url: redis.url, timeoutMs: 300_000 });
    const waiting = connection.run(call('BLPOP a-list'), (client) => client.blpop('a-list', 0));
    const outcome = expect(waiting).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
      message: expect.stringContaining('BLPOP a-list: Redis at 127.0.0.1') as string,
    });
    const blocked = async () => (await admin.info('clients')).includes('blocked_clients:1');
    await vi.waitUntil(blocked, PATIENCE);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await outcome;
    expect(await connection.run(call('PING'), (client) => client.ping())).toBe('PONG');
    expect(await blocked()).toBe(false);
    connection.close();
  });

  test.each([
    ['http://:secret@host', 'url: expected redis://'],
    ['redis://:secret@host:port', 'url: expected redis://'],
    ['redis://:secret@host:6379/one', 'url: expected redis://'],
    ['redis://:secret@one:6379,other:6379', 'several hosts need redis+sentinel:// or redis+cluster://'],
    ['redis+sentinel://:secret@host:26379', 'the name of the master is missing'],
    ['redis+cluster://:secret@host:6379/1', 'database 1, but a cluster has database 0 only'],
  ])('%s is refused without showing the password', (url, message) => {
    expect(() => new RedisConnection({ url })).toThrow(message);
    expect(() => new RedisConnection({ url })).not.toThrow('secret');
  });

  test('options that the url has no use for are refused', () => {
    const url = 'redis://127.0.0.1:6379';
    expect(() => new RedisConnection({ url, tls: {} })).toThrow('rediss encrypts');
    expect(() => new RedisConnection({ url, sentinel: { password: 'x' } })).toThrow('redis+sentinel://');
  });
});
