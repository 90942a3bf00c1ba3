import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { subscribeAlerts } from '../../connectors/redis/index.ts';
import { startOwnRedis } from '../redis/redis-under-test.ts';
import type { RedisUnderTest } from '../redis/redis-under-test.ts';
import { EPOCH } from '../redis/transitions.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { AlertWriter } from './alert-writer.ts';
import type { RedisAlert } from '../../connectors/redis/index.ts';
import type { AlertWriterOptions } from './alert-writer.ts';
import { alertsOf, idsByPartition, receive } from './received.ts';
import type { Receiver } from './received.ts';

const PATIENCE = { timeout: 50_000 };

await describeWithPrograms(['redis-server'], 'a subscriber to alerts', () => {
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
    const writer = await AlertWriter.open(redis.url, { prefix, ...options });
    return { writer, options: { url: redis.url, prefix } };
  }

  /** Everything that was written, once and in the order of each partition. */
  function expectAll(receiver: Receiver, writer: AlertWriter): void {
    const written = writer.written();
    expect(idsByPartition(alertsOf(receiver.deliveries), written.length)).toEqual(written);
  }

  test('from the beginning it gets what is kept, then what comes, each once and in order', async () => {
    const { writer, options } = await setUp();
    await writer.write(30);
    const receiver = receive({ ...options, from: 'beginning' });
    await receiver.received(writer.count());
    await writer.write();
    await receiver.received(writer.count());
    await receiver.close();
    await writer.close();

    expectAll(receiver, writer);
    expect(receiver.statuses).toEqual([{ state: 'connected' }]);
  });

  test('from now it gets what comes after it has begun, however quickly', async () => {
    for (let round = 0; round < 10; round++) {
      const { writer, options } = await setUp();
      await writer.write(12);
      const before = writer.written();
      const receiver = receive({ ...options, from: 'now' });
      await receiver.subscription.begun();
      await writer.write(9);
      const after = writer.written().map((ids, partition) => ids.slice(before[partition]?.length));
      await receiver.received(after.flat().length);
      await receiver.close();
      await writer.close();
      expect(idsByPartition(alertsOf(receiver.deliveries), 2)).toEqual(after);
    }
  });

  test('from now, begun while alerts are being written: no hole after the first', async () => {
    const { writer, options } = await setUp({ length: 300 });
    await writer.write(3);
    const writing = (async () => {
      for (let step = 0; step < 99; step++) await writer.write(3);
    })();
    const receiver = receive({ ...options, from: 'now' });
    await writing;
    const last = writer.written().map((ids) => ids.at(-1));
    await receiver.told('connected');
    while (idsByPartition(alertsOf(receiver.deliveries), 2).some((ids, p) => ids.at(-1) !== last[p])) {
      await receiver.received(receiver.deliveries.length + 1);
    }
    await receiver.close();
    await writer.close();

    const ids = idsByPartition(alertsOf(receiver.deliveries), 2);
    expect(ids).toEqual(writer.written().map((all, p) => all.slice(-(ids[p]?.length ?? 0))));
  });

  test('it begins before the sink has ever written, and gets all that comes', async () => {
    const prefix = redis.uniquePrefix();
    const receivers = (['now', 'beginning'] as const).map((from) =>
      receive({ url: redis.url, prefix, from }),
    );
    await Promise.all(receivers.map(({ subscription }) => subscription.begun()));
    const writer = await AlertWriter.open(redis.url, { prefix });
    await writer.write();
    for (const receiver of receivers) {
      await receiver.received(writer.count());
      await receiver.close();
      expectAll(receiver, writer);
      expect(receiver.statuses).toEqual([{ state: 'connected' }]);
    }
    await writer.close();
  });

  test('partitions that are added are read from their first alert on', async () => {
    const { writer, options } = await setUp({ partitions: 1 });
    await writer.write();
    const receiver = receive({ ...options, from: 'now' });
    await receiver.subscription.begun();
    const wider = await AlertWriter.open(redis.url, { prefix: options.prefix, partitions: 3 });
    for (const partition of [1, 2]) await wider.writeTo(partition);
    await receiver.received(wider.count());
    await receiver.close();
    await writer.close();
    await wider.close();

    expect(idsByPartition(alertsOf(receiver.deliveries), 3)).toEqual(wider.written());
  });

  test('a later topic of the name goes on where the former one ended', async () => {
    const { writer, options } = await setUp();
    await writer.write();
    const receiver = receive({ ...options, from: 'beginning' });
    await receiver.received(writer.count());
    const later = await AlertWriter.open(redis.url, { prefix: options.prefix, topicEpoch: EPOCH + 1 });
    await later.write();
    await receiver.received(writer.count() + later.count());
    await receiver.close();
    await writer.close();
    await later.close();

    const expected = writer
      .written()
      .map((ids, partition) => [...ids, ...(later.written()[partition] ?? [])]);
    expect(idsByPartition(alertsOf(receiver.deliveries), 2)).toEqual(expected);
    expect(receiver.statuses).toEqual([{ state: 'connected' }]);
  });

  test('thousands of alerts in eight partitions come each once and in order', async () => {
    const { writer, options } = await setUp({ partitions: 8, length: 2_000 });
    const receiver = receive({ ...options, from: 'now', pollMs: 600_000 });
    await receiver.subscription.begun();
    for (let step = 0; step < 10; step++) await writer.write(200);
    expect(writer.count()).toBeGreaterThan(7_000);
    await receiver.received(writer.count());
    await receiver.close();
    await writer.close();
    expectAll(receiver, writer);
  });

  test.each([
    ['severities', { severities: ['CRITICAL', 'MINOR'] as const }],
    ['services', { services: ['search'] }],
    ['severities and services', { severities: ['MAJOR'] as const, services: ['payments', 'search'] }],
  ])('only %s that are asked for come, and the position passes the others', async (_what, filter) => {
    const { writer, options } = await setUp();
    const everything = receive({ ...options, from: 'beginning' });
    const filtered = receive({ ...options, ...filter, from: 'beginning' });
    await writer.write();
    await everything.received(writer.count());
    const { severities = ['CRITICAL', 'MAJOR', 'MINOR'], services = ['payments', 'search'] } = filter as {
      severities?: readonly string[];
      services?: readonly string[];
    };
    const wanted = alertsOf(everything.deliveries).filter(
      ({ severity, service }) => severities.includes(severity) && services.includes(service),
    );
    await filtered.received(wanted.length);
    await expect.poll(() => filtered.subscription.position, PATIENCE).toBe(everything.subscription.position);
    await everything.close();
    await filtered.close();
    await writer.close();

    expect(wanted.length).toBeGreaterThan(5);
    expect(wanted.length).toBeLessThan(writer.count());
    expect(idsByPartition(alertsOf(filtered.deliveries), 2)).toEqual(idsByPartition(wanted, 2));
  });

  test.each([['severities'], ['services']])('a filter of %s is woken by its channels', async (which) => {
    const { writer, options } = await setUp();
    const filter = which === 'services' ? { services: ['search'] } : { severities: ['MINOR'] as const };
    // Longer than the test may take: only the channel can tell in time.
    const receiver = receive({ ...options, ...filter, from: 'now', pollMs: 600_000 });
    await receiver.told('connected');
    await receiver.subscription.begun();
    await writer.write();
    await receiver.received(10);
    await receiver.close();
    await writer.close();
  });

  test('a slow consumer misses nothing, however much is published meanwhile', async () => {
    const { writer, options } = await setUp({ length: 1_500 });
    await writer.write(60);
    const alerts: RedisAlert[] = [];
    for await (const { alert } of subscribeAlerts({ ...options, from: 'beginning' })) {
      alerts.push(alert);
      if (alerts.length % 40 === 0) await writer.write(60);
      if (alerts.length === writer.count() && alerts.length > 1_000) break;
    }
    await writer.close();
    expect(idsByPartition(alerts, 2)).toEqual(writer.written());
  });

  test('nothing is read while the consumer is busy, so what waits stays bounded', async () => {
    const { writer, options } = await setUp({ partitions: 1, length: 4_000 });
    await writer.write(1_000);
    const subscription = subscribeAlerts({ ...options, from: 'beginning' });
    let pages = 0;
    let alerts = 0;
    for await (const { alert } of subscription) {
      alerts++;
      if (alert.stream.id === writer.written()[0]?.[0]) {
        const before = await numberOfReads();
        await writer.write();
        await expect.poll(numberOfHeardBytes, PATIENCE).toBe(0);
        expect(await numberOfReads()).toBe(before);
        pages = before;
      }
      if (alerts === writer.count()) break;
    }
    await writer.close();
    // A page has 100 entries.
    expect((await numberOfReads()) - pages).toBeGreaterThanOrEqual(Math.floor(writer.count() / 100) - 1);
  });

  test('a position goes on in another process, whichever alert it came with', async () => {
    const { writer, options } = await setUp();
    await writer.write();
    const first = receive({ ...options, from: 'beginning' });
    await first.received(writer.count());
    await first.close();
    await writer.close();

    for (const at of [0, 7, 20, first.deliveries.length - 2]) {
      const later = receive({ ...options, from: first.deliveries[at]?.position ?? '' });
      await later.received(first.deliveries.length - at - 1);
      await later.close();
      const both = [...first.deliveries.slice(0, at + 1), ...later.deliveries];
      expect(idsByPartition(alertsOf(both), 2), `after ${at}`).toEqual(writer.written());
      expect(later.statuses).toEqual([{ state: 'connected' }]);
    }
  });

  test('what begun() gave goes on from there, also if no alert had come', async () => {
    const { writer, options } = await setUp();
    await writer.write(20);
    const before = writer.written();
    const first = subscribeAlerts({ ...options, from: 'now' });
    const position = (await first.begun()) ?? '';
    expect(first.position).toBe(position);
    await first.close();
    await writer.write();
    const expected = writer.written().map((ids, partition) => ids.slice(before[partition]?.length));
    const second = receive({ ...options, from: position });
    await second.received(expected.flat().length);
    await second.close();
    await writer.close();
    expect(idsByPartition(alertsOf(second.deliveries), 2)).toEqual(expected);
  });

  test.each(['', 'yesterday', '{}', '{"format":1,"after":["x"]}', '{"format":9,"after":[]}', '[]', 'null'])(
    'from %j is refused',
    (from) => {
      expect(() => subscribeAlerts({ url: redis.url, from })).toThrow(
        expect.objectContaining({ code: 'REDIS_USAGE' }) as Error,
      );
    },
  );

  test('an entry that is no alert is not passed over, and what comes before it is handed over', async () => {
    const { writer, options } = await setUp({ partitions: 1 });
    await writer.write();
    await client.xadd(`${options.prefix}incidents:{p0}:alerts`, `${EPOCH}-1000`, 'alert', '{"version":2}');
    const receiver = receive({ ...options, from: 'beginning' });
    await expect(receiver.received(writer.count() + 1)).rejects.toMatchObject({ code: 'REDIS_COMMAND' });
    await writer.close();
    expectAll(receiver, writer);
  });

  test.each([
    ['close()', (receiver: Receiver) => receiver.subscription.close()],
    ['its signal', (_receiver: Receiver, ending: AbortController) => Promise.resolve(ending.abort())],
  ])('ended by %s it stops in its tracks and leaves no connection', async (_how, end) => {
    const { writer, options } = await setUp();
    const ending = new AbortController();
    const receiver = receive({ ...options, from: 'now', signal: ending.signal });
    await receiver.told('connected');
    expect(await numberOfSubscribers(options.prefix)).toBe(1);
    await end(receiver, ending);
    await receiver.close();
    await expect.poll(() => numberOfSubscribers(options.prefix), PATIENCE).toBe(0);
    await writer.write();
    expect(receiver.deliveries).toEqual([]);
    await writer.close();
  });

  test('leaving the loop closes the subscription, also by an error', async () => {
    const { writer, options } = await setUp();
    await writer.write();
    const before = await client.client('LIST');
    const failing = async () => {
      for await (const { alert } of subscribeAlerts({ ...options, from: 'beginning' }))
        throw new Error(alert.id);
    };
    await expect(failing()).rejects.toThrow('p0-0-0/2');
    for await (const delivery of subscribeAlerts({ ...options, from: 'beginning' }))
      if (delivery.position) break;
    await expect.poll(() => numberOfSubscribers(options.prefix), PATIENCE).toBe(0);
    await expect
      .poll(async () => String(await client.client('LIST')).split('\n').length, PATIENCE)
      .toBe(String(before).split('\n').length);
    await writer.close();
  });

  test('a signal that was aborted before ends it at once', async () => {
    const receiver = receive({ url: redis.url, from: 'now', signal: AbortSignal.abort() });
    expect(await receiver.subscription.begun()).toBeUndefined();
    await receiver.close();
  });

  async function numberOfReads(): Promise<number> {
    return Number(/cmdstat_xrange:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
  }

  /** What the server still has to send to its subscribers. */
  async function numberOfHeardBytes(): Promise<number> {
    const list = String(await client.client('LIST', 'TYPE', 'PUBSUB'));
    return [...list.matchAll(/ omem=(\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  }

  async function numberOfSubscribers(prefix: string): Promise<unknown> {
    const [, count] = (await client.call('PUBSUB', 'NUMSUB', `${prefix}alerts`)) as [string, number];
    return count;
  }
});
