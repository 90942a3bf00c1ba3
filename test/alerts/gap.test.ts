import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { subscribeAlerts } from '../../connectors/redis/index.ts';
import type { AlertStatus } from '../../connectors/redis/index.ts';
import { startOwnRedis } from '../redis/redis-under-test.ts';
import type { RedisUnderTest } from '../redis/redis-under-test.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { AlertWriter } from './alert-writer.ts';
import type { AlertWriterOptions } from './alert-writer.ts';
import { alertsOf, idsByPartition, receive } from './received.ts';

await describeWithPrograms(['redis-server'], 'alerts that were trimmed before they were read', () => {
  let redis: RedisUnderTest;
  let client: Redis;

  beforeAll(async () => {
    redis = await startOwnRedis();
    client = new Redis(redis.url);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  async function setUp(options: AlertWriterOptions = {}) {
    const prefix = redis.uniquePrefix();
    const writer = await AlertWriter.open(redis.url, { prefix, partitions: 1, length: 2_000, ...options });
    const stream = `${prefix}incidents:{p0}:alerts`;
    const idsKept = async () => (await client.xrange(stream, '-', '+')).map(([id]) => id);
    return { writer, idsKept, options: { url: redis.url, prefix } };
  }

  test('are reported with the partition and the ids, and the rest is handed over', async () => {
    const { writer, options, idsKept } = await setUp({ maxStreamEntries: 100 });
    await writer.write(100);
    const first = receive({ ...options, from: 'beginning' });
    await first.received(writer.count());
    await first.close();
    await writer.write();
    const kept = await idsKept();
    expect(kept.length).toBeLessThan(300);

    const second = receive({ ...options, from: first.deliveries.at(-1)?.position ?? '' });
    await second.received(kept.length);
    await second.close();
    await writer.close();
    const [after, before] = [first.deliveries.at(-1)?.alert.stream.id ?? '', kept[0] ?? ''];
    expect(idsByPartition(alertsOf(second.deliveries), 1)).toEqual([kept]);
    expect(second.statuses.filter(({ state }) => state === 'gap')).toMatchObject([
      {
        partition: 0,
        after,
        before,
        message: expect.stringContaining(`partition 0 is kept from ${before} on`) as string,
      },
    ]);
  });

  test('are reported while it runs, to a consumer that is too slow', async () => {
    const { writer, options, idsKept } = await setUp({ maxStreamEntries: 100 });
    await writer.write(100);
    const early = writer.written()[0] ?? [];
    const gaps: AlertStatus[] = [];
    const onStatus = (status: AlertStatus) => void (status.state === 'gap' && gaps.push(status));
    const ids: string[] = [];
    for await (const { alert } of subscribeAlerts({ ...options, from: 'beginning', onStatus })) {
      if (ids.push(alert.stream.id) === 1) await writer.write();
      if (alert.stream.id === writer.written()[0]?.at(-1)) break;
    }
    await writer.close();
    const kept = await idsKept();
    expect(ids).toEqual([...early, ...kept]);
    expect(gaps).toMatchObject([{ partition: 0, after: early.at(-1), before: kept[0] }]);
  });

  test('are reported also where none had been read before', async () => {
    const { writer, options, idsKept } = await setUp({ maxStreamEntries: 100 });
    const first = receive({ ...options, from: 'now' });
    const position = (await first.subscription.begun()) ?? '';
    await first.close();
    await writer.write();
    const second = receive({ ...options, from: position });
    await second.told('gap');
    await second.close();
    await writer.close();
    expect(second.statuses.find(({ state }) => state === 'gap')).toMatchObject({
      after: '0-0',
      before: (await idsKept())[0],
    });
  });

  test('are no gap to one that begins from what is kept', async () => {
    const { writer, options, idsKept } = await setUp({ maxStreamEntries: 100 });
    await writer.write();
    const receiver = receive({ ...options, from: 'beginning' });
    await receiver.received((await idsKept()).length);
    await receiver.close();
    await writer.close();
    expect(receiver.statuses).toEqual([{ state: 'connected' }]);
  });

  test('are reported where a restore could not bring them back', async () => {
    const { writer, options, idsKept } = await setUp();
    await writer.write(30);
    const first = receive({ ...options, from: 'beginning' });
    await first.received(5);
    await first.close();
    const position = first.deliveries[4]?.position ?? '';
    await client.del(...(await client.keys(`${options.prefix}*`)));
    await writer.restoreWithout(20);
    const restored = await idsKept();
    expect(restored.length).toBeGreaterThan(3);
    const second = receive({ ...options, from: position });
    await second.received(restored.length);
    await second.close();
    await writer.close();
    expect(second.statuses.filter(({ state }) => state === 'gap')).toMatchObject([
      { after: writer.written()[0]?.[4], before: restored[0] },
    ]);
  });
});
