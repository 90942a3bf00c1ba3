import type { PlainProducer } from '@incident-streams/streams/kafka';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { BrokerRequests } from '../../connectors/kafka/broker-requests.ts';
import { startPlainProducer } from '../../connectors/kafka/plain-producer.ts';
import { describeWith } from '../services/describe-with.ts';
import { PRODUCE } from './kafka-proxy.ts';
import { startProxiedBroker } from './proxied-broker.ts';
import type { ProxiedBroker } from './proxied-broker.ts';
import { TopicUnderTest } from './topic-under-test.ts';

await describeWith(['kafka'], 'a producer without transactions', () => {
  let broker: ProxiedBroker;
  let requests: BrokerRequests;
  let out: TopicUnderTest;
  const started: PlainProducer[] = [];

  beforeAll(async () => {
    broker = await startProxiedBroker();
  }, 60_000);
  afterAll(() => broker.stop());

  beforeEach(async () => {
    requests = new BrokerRequests({ brokers: [broker.url], clientId: 'test', requestTimeoutMs: 2_000 });
    out = new TopicUnderTest(broker.url);
    await out.create();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.close()));
    await requests.close();
    await out.remove();
  });

  const start = async (deliveryTimeoutMs = 10_000): Promise<PlainProducer> => {
    const producer = await startPlainProducer(requests, { deliveryTimeoutMs });
    started.push(producer);
    return producer;
  };

  test('sends that are not waited for keep their order', async () => {
    const producer = await start();
    const values = Array.from({ length: 30 }, (_, index) => String(index));
    const ranges = await Promise.all(values.map((value) => producer.send([out.record(value)])));
    expect(ranges.map(([range]) => range?.endOffset)).toEqual(values.map((value) => Number(value) + 1));
    expect(await out.committedValues('29')).toEqual([values, []]);
  });

  test('a record keeps its key, timestamp and headers; a null value stays null', async () => {
    const producer = await start();
    const record = { ...out.record('v'), timestamp: 1_600_000_000_123, key: Buffer.from('k'), value: null };
    await producer.send([{ ...record, headers: [{ name: 'ce_id', value: Buffer.from('7') }] }]);
    expect(await out.firstMessage()).toMatchObject({
      key: Buffer.from('k'),
      value: null,
      timestamp: '1600000000123',
      headers: { ce_id: Buffer.from('7') },
    });
  });

  test.each(['lose-connection', 'swallow-answer'] as const)(
    'records whose acknowledgement is lost (%s) are sent again, and are there once, in order',
    async (fault) => {
      const producer = await start();
      await producer.send([out.record('a')]);
      broker.proxy.next(PRODUCE, fault);
      await Promise.all([producer.send([out.record('b')]), producer.send([out.record('c')])]);
      expect(await out.committedValues('c')).toEqual([['a', 'b', 'c'], []]);
    },
  );

  test('after a send that failed the next one works', async () => {
    const producer = await start();
    const tooLarge = { ...out.record(''), value: Buffer.alloc(2_000_000) };
    await producer.send([out.record('a')]);
    await expect(producer.send([tooLarge])).rejects.toMatchObject({ code: 'KAFKA_REFUSED' });
    await producer.send([out.record('b')]);
    expect(await out.committedValues('b')).toEqual([['a', 'b'], []]);
  });

  test('a topic that does not exist is given up on by name, when the time is over', async () => {
    const producer = await start(500);
    const nowhere = { ...out.record('a'), topic: 'nowhere-at-all' };
    await expect(producer.send([nowhere])).rejects.toMatchObject({
      code: 'KAFKA_UNAVAILABLE',
      message: expect.stringContaining('nowhere-at-all[0]') as string,
    });
  });

  test('a closed producer refuses what comes, and what waits', async () => {
    const producer = await start();
    broker.proxy.next(PRODUCE, 'swallow-answer');
    const waiting = expect(producer.send([out.record('a')])).rejects.toMatchObject({
      code: 'KAFKA_PRODUCER_STATE',
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await producer.close();
    await waiting;
    await expect(producer.send([out.record('b')])).rejects.toMatchObject({ code: 'KAFKA_PRODUCER_STATE' });
  });
});
