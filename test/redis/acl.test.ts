import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createRedisIncidentReader,
  createRedisTransitionsSink,
  rebuildRedis,
  subscribeAlerts,
} from '../../connectors/redis/index.ts';
import { RedisPartition } from '../../cli/verify/checks/redis/redis-partition.ts';
import { RedisConnection } from '../../connectors/redis/redis-connection.ts';
import { RedisKeys } from '../../connectors/redis/redis-keys.ts';
import { startOwnRedis } from './redis-under-test.ts';
import type { RedisUnderTest } from './redis-under-test.ts';
import { snapshotAfter } from './state-snapshot.ts';
import { batchOf, EPOCH, recordsOf, SOURCE } from './transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';

const DOCUMENT = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8');
const RULES = [...DOCUMENT.matchAll(/^redis-cli ACL SETUSER (.*)$/gm)].map(([, rule]) =>
  (rule ?? '').replaceAll("'", '').split(' '),
);
const RECORDS = recordsOf([
  { incident: 'a', type: 'OPENED' },
  { incident: 'b', type: 'OPENED', service: 'search' },
  { incident: 'b', type: 'CLOSED' },
  { incident: 'c', type: 'OPENED', severity: 'CRITICAL' },
]);

await describeWithPrograms(['redis-server'], 'the users of docs/redis.md', () => {
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

  describe.each(['', 'staging:'])('with the prefix "%s"', (prefix) => {
    const options = (user: string) => ({ url: redis.url.replace('//', `//${user}:secret@`), prefix });
    const key = (name: string) => `${prefix}incidents:${name}`;

    beforeAll(async () => {
      await admin.flushall();
      for (const rule of RULES)
        await admin.call('ACL', 'SETUSER', ...rule.map((part) => part.replace(/^([~&])/, `$1${prefix}`)));
      await admin.call('ACL', 'LOG', 'RESET');
    });

    /** What Redis says to the user that tries it. */
    async function attempt(user: string, command: string, ...args: string[]): Promise<unknown> {
      const client = new Redis(options(user).url, { disableClientInfo: true });
      try {
        return await client.call(command, ...args);
      } catch (error) {
        return (error as Error).message;
      } finally {
        client.disconnect();
      }
    }

    async function expectRefused(user: string, commands: readonly string[]): Promise<void> {
      for (const command of commands) {
        const [name = '', ...args] = command.split(' ');
        expect(await attempt(user, name, ...args), `${user}: ${command}`).toMatch(/^NOPERM|No permissions/);
      }
    }

    test('each may do its work: sink, rebuild, reader, verifier, listener', async () => {
      const [sinkOptions, readerOptions, listenerOptions] = ['sink', 'reader', 'listener'].map(options);
      const alerts = subscribeAlerts({ ...(listenerOptions ?? options('')), from: 'beginning' });
      const sink = createRedisTransitionsSink({
        ...(sinkOptions ?? options('')),
        maxRecordsPerScript: 2,
        pipeline: 'incidents',
      });
      await sink.open(SOURCE);
      await sink.write(batchOf(RECORDS.slice(0, 2)));
      await sink.write(batchOf(RECORDS, { partition: 1 }));
      const heard: string[] = [];
      for await (const { alert } of alerts) if (heard.push(alert.id) === 5) break;
      expect(heard.toSorted()).toEqual(['a/1', 'a/1', 'b/1', 'b/1', 'c/1']);

      const reader = createRedisIncidentReader(readerOptions ?? options(''));
      expect(await reader.openIncidents()).toHaveLength(4);
      expect(await reader.openIncidents({ service: 'search' })).toHaveLength(1);
      expect(await reader.incident('c')).toMatchObject({ severity: 'CRITICAL' });
      expect((await reader.openByService()).get('payments')).toBe(3);
      expect((await reader.counters()).get('transitions')).toBe(6);
      expect(await reader.keptIncidents({ limit: 10 })).toMatchObject({ total: 4 });
      expect(await reader.openCount()).toBe(4);

      const connection = new RedisConnection(options('verifier'));
      const partition = new RedisPartition(connection, new RedisKeys(prefix).partition(0));
      expect(await partition.mark()).toMatchObject({ topic: SOURCE.topic, offset: 1 });
      expect((await partition.overview()).value.ids.toSorted()).toEqual(['a', 'b']);
      expect((await partition.hashes(['a'])).value[0]?.get('service')).toBe('payments');
      expect((await partition.openOf(['search'])).value[0]?.size).toBe(1);
      expect(await partition.streamLength()).toBe(2);
      expect(await partition.streamEntries('-', '+', 10)).toHaveLength(2);
      expect((await partition.scan()).ids.toSorted()).toEqual(['a', 'b']);
      connection.close();

      const rebuilding = rebuildRedis({ ...options('sink'), partition: 0, waitMs: 60_000 });
      let applied = 0;
      while (applied !== -1) applied = (await sink.appliedOffset(0)) ?? -1;
      await sink.writeSnapshot?.(snapshotAfter(RECORDS));
      await sink.write(batchOf(RECORDS, { mode: 'restore' }));
      expect(await rebuilding).toMatchObject({ outcome: 'rebuilt' });
      await sink.open({ ...SOURCE, topicEpoch: EPOCH + 1 });
      expect(await reader.openIncidents()).toEqual([]);

      expect(await admin.call('ACL', 'LOG')).toEqual([]);
      reader.close();
      await sink.close();
    });

    test('the sink may not touch other keys and channels, nor the server', async () => {
      await expectRefused('sink', [
        'HSET other:key a 1',
        'UNLINK other:key',
        'PUBLISH other hello',
        `PUBLISH ${prefix}alertsother hello`,
        'FLUSHALL',
        'KEYS *',
        'SCAN 0',
        'CONFIG GET maxmemory',
        'CLIENT LIST',
        'SCRIPT FLUSH',
        `SUBSCRIBE ${prefix}alerts`,
      ]);
      const script = "return redis.call('SET', KEYS[1], '1')";
      for (const name of ['other:key', key('meta')])
        expect(await attempt('sink', 'EVAL', script, '1', name)).toMatch(
          /NOPERM|can't run this command|can't access|permissions/i,
        );
      expect(await admin.exists('other:key')).toBe(0);
    });

    test('a reader may not write, publish or listen', async () => {
      await expectRefused('reader', [
        `HSET ${key('meta')} partitions 0`,
        `ZREM ${key('{p0}:open')} a`,
        `UNLINK ${key('{p0}:applied')}`,
        `XADD ${key('{p0}:alerts')} * alert x`,
        'HGET other:key a',
        `PUBLISH ${prefix}alerts hello`,
        `SUBSCRIBE ${prefix}alerts`,
        'EVAL return_1 0',
        'KEYS *',
      ]);
    });

    test("a verifier may not write, publish or listen, nor read what is not the pipeline's", async () => {
      await expectRefused('verifier', [
        `HSET ${key('meta')} partitions 0`,
        `UNLINK ${key('{p0}:applied')}`,
        `XADD ${key('{p0}:alerts')} * alert x`,
        'HGETALL other:key',
        `PUBLISH ${prefix}alerts hello`,
        `SUBSCRIBE ${prefix}alerts`,
        'EVAL return_1 0',
        'KEYS *',
      ]);
    });

    test('a listener may not read incidents, write or publish, nor hear other channels', async () => {
      await expectRefused('listener', [
        `HGET ${key('{p0}:incident:a')} state`,
        `ZRANGE ${key('{p0}:open')} 0 -1`,
        `HSET ${key('meta')} partitions 0`,
        `XADD ${key('{p0}:alerts')} * alert x`,
        `PUBLISH ${prefix}alerts hello`,
        'SUBSCRIBE other',
        'PSUBSCRIBE *',
        'XRANGE other:alerts - +',
      ]);
    });
  });

  test('whoever has a prefix sees nothing of who has none', async () => {
    const client = new Redis(redis.url.replace('//', '//reader:secret@'), { disableClientInfo: true });
    await expect(client.hget('incidents:meta', 'partitions')).rejects.toThrow(/NOPERM|No permissions/);
    expect(await client.hget('staging:incidents:meta', 'partitions')).toBe('2');
    client.disconnect();
  });
});
