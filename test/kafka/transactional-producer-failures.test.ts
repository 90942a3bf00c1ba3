import type { CommittedOffset, TransactionalProducer } from '@incident-streams/streams/kafka';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { BrokerRequests } from '../../connectors/kafka/broker-requests.ts';
import { startTransactionalProducer } from '../../connectors/kafka/transactional-producer.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { ADD_PARTITIONS_TO_TXN, END_TXN, PRODUCE, TXN_OFFSET_COMMIT } from './kafka-proxy.ts';
import { startProxiedBroker } from './proxied-broker.ts';
import type { ProxiedBroker } from './proxied-broker.ts';
import { TopicUnderTest } from './topic-under-test.ts';

await describeWith(['kafka'], 'a transactional producer on a bad network', () => {
  let broker: ProxiedBroker;
  let requests: BrokerRequests;
  let out: TopicUnderTest;
  let transactionalId: string;
  const started: TransactionalProducer[] = [];

  beforeAll(async () => {
    broker = await startProxiedBroker();
  }, 60_000);
  afterAll(() => broker.stop());

  beforeEach(async () => {
    requests = new BrokerRequests({ brokers: [broker.url], clientId: 'test', requestTimeoutMs: 1_000 });
    out = new TopicUnderTest(broker.url);
    transactionalId = uniqueName('txn');
    await out.create();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.close()));
    await requests.close();
    await out.remove();
  });

  const start = async (): Promise<TransactionalProducer> => {
    const producer = await startTransactionalProducer(requests, {
      transactionalId,
      transactionTimeoutMs: 10_000,
    });
    started.push(producer);
    return producer;
  };
  const upTo = (offset: number): CommittedOffset[] => [
    { topic: out.topic, partition: 0, offset, metadata: `at ${offset}` },
  ];

  test.each(['lose-connection', 'swallow-answer'] as const)(
    'records whose acknowledgement is lost (%s) are sent again, and are there once',
    async (fault) => {
      const producer = await start();
      const sentBefore = broker.proxy.requests.get(PRODUCE) ?? 0;
      broker.proxy.next(PRODUCE, fault);
      const [range] = await producer.send([out.record('a'), out.record('b')]);
      expect(range).toMatchObject({ endOffset: 2 });
      await producer.send([out.record('c')]);
      await producer.commit(upTo(1), out.loneGroup());

      expect((broker.proxy.requests.get(PRODUCE) ?? 0) - sentBefore).toBe(3);
      expect(await out.committedValues('c')).toEqual([['a', 'b', 'c'], []]);
    },
  );

  test.each([
    ['AddPartitionsToTxn', ADD_PARTITIONS_TO_TXN],
    ['TxnOffsetCommit', TXN_OFFSET_COMMIT],
  ])('a lost answer to %s costs time only', async (_name, apiKey) => {
    const producer = await start();
    broker.proxy.next(apiKey, 'lose-connection');
    await producer.send(out.records('a', 'b'));
    await producer.commit(upTo(4), out.loneGroup());
    expect(await out.committedValues('a', 'b')).toEqual([['a'], ['b']]);
    await vi.waitFor(async () => expect(await out.committedOffset()).toEqual(['4', 'at 4']), {
      timeout: 50_000,
    });
  });

  test.each(['lose-connection', 'swallow-answer'] as const)(
    'a commit without an answer (%s) is unknown, is not sent twice, and the next producer sees its outcome',
    async (fault) => {
      const producer = await start();
      await producer.send(out.records('a', 'b'));
      const endedBefore = broker.proxy.requests.get(END_TXN) ?? 0;
      broker.proxy.next(END_TXN, fault);
      await expect(producer.commit(upTo(8), out.loneGroup())).rejects.toMatchObject({
        code: 'KAFKA_OUTCOME_UNKNOWN',
      });
      await producer.close();
      expect((broker.proxy.requests.get(END_TXN) ?? 0) - endedBefore).toBe(1);

      const next = await start();
      await vi.waitFor(async () => expect(await out.committedOffset()).toEqual(['8', 'at 8']), {
        timeout: 50_000,
      });
      await next.send(out.records('c', 'd'));
      await next.commit(upTo(9), out.loneGroup());
      expect(await out.committedValues('c', 'd')).toEqual([
        ['a', 'c'],
        ['b', 'd'],
      ]);
    },
  );

  test('when every connection is cut between send and commit, the commit goes through all the same', async () => {
    const producer = await start();
    await producer.send(out.records('a', 'b'));
    broker.proxy.cut();
    await producer.commit(upTo(2), out.loneGroup());
    expect(await out.committedValues('a', 'b')).toEqual([['a'], ['b']]);
  });

  test('a transaction that took too long is ended by the broker, and its producer is told', async () => {
    const producer = await startTransactionalProducer(requests, {
      transactionalId,
      transactionTimeoutMs: 1_000,
    });
    started.push(producer);
    await producer.send(out.records('late', 'late'));
    await vi.waitFor(
      async () => {
        await expect(producer.send(out.records('later'))).rejects.toMatchObject({ code: 'KAFKA_FENCED' });
      },
      { timeout: 50_000, interval: 1_000 },
    );
  }, 60_000);

  test('closing ends within seconds, even if the broker does not answer', async () => {
    const producer = await start();
    await producer.send(out.records('a'));
    broker.proxy.next(END_TXN, 'swallow-answer');
    const startedMs = performance.now();
    await producer.close();
    expect(performance.now() - startedMs).toBeLessThan(30_000);
  });
});
