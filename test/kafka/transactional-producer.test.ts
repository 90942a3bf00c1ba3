import type { CommittedOffset, TransactionalProducer } from '@incident-streams/streams/kafka';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BrokerRequests } from '../../connectors/kafka/broker-requests.ts';
import { startTransactionalProducer } from '../../connectors/kafka/transactional-producer.ts';
import { TransactionRequests } from '../../connectors/kafka/transaction-requests.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { MemberUnderTest } from './members.ts';
import { TopicUnderTest } from './topic-under-test.ts';

await describeWith(['kafka'], 'a transactional producer', ({ kafka }) => {
  let requests: BrokerRequests;
  let out: TopicUnderTest;
  let transactionalId: string;
  const started: TransactionalProducer[] = [];

  beforeEach(async () => {
    requests = new BrokerRequests({ brokers: kafka.split(','), clientId: 'test' });
    out = new TopicUnderTest(kafka);
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

  test('what was sent and the offsets appear together, when the transaction is committed', async () => {
    const producer = await start();
    const ranges = await producer.send(out.records('a', 'b', 'c'));
    expect(ranges).toEqual([
      { topic: out.topic, partition: 0, endOffset: 2 },
      { topic: out.topic, partition: 1, endOffset: 1 },
    ]);
    await producer.send(out.records('d'));
    expect(await out.committedOffset()).toEqual(['-1', null]);
    await producer.commit(upTo(17), out.loneGroup());

    expect(await out.committedValues('d', 'b')).toEqual([['a', 'c', 'd'], ['b']]);
    await vi.waitFor(async () => expect(await out.committedOffset()).toEqual(['17', 'at 17']), {
      timeout: 50_000,
    });
  });

  test('many transactions, one right after the other, keep their order', async () => {
    const producer = await start();
    const values = Array.from({ length: 50 }, (_, index) => String(index));
    for (const value of values) {
      await producer.send([out.record(value)]);
      await producer.commit(upTo(Number(value)), out.loneGroup());
    }
    expect(await out.committedValues('49')).toEqual([values, []]);
  });

  test('offsets alone are a transaction, too; nothing at all is none', async () => {
    const producer = await start();
    await producer.commit([], out.loneGroup());
    expect(await producer.send([])).toEqual([]);
    await producer.commit(upTo(3), out.loneGroup());
    await vi.waitFor(async () => expect(await out.committedOffset()).toEqual(['3', 'at 3']), {
      timeout: 50_000,
    });
  });

  test('of a transaction that is open when the producer closes nothing is left', async () => {
    const first = await start();
    await first.send(out.records('lost', 'lost'));
    await first.close();
    await expect(first.send(out.records('late'))).rejects.toMatchObject({ code: 'KAFKA_PRODUCER_STATE' });

    const next = await start();
    await next.send(out.records('kept', 'kept'));
    await next.commit([], out.loneGroup());
    expect(await out.committedValues('kept', 'kept')).toEqual([['kept'], ['kept']]);
    expect(await out.committedOffset()).toEqual(['-1', null]);
  });

  test('a producer that takes over ends what the one before left open, and that one can do nothing any more', async () => {
    const former = await start();
    await former.send(out.records('zombie', 'zombie'));
    const next = await start();

    await expect(former.commit(upTo(5), out.loneGroup())).rejects.toMatchObject({ code: 'KAFKA_FENCED' });
    await former.close();
    await next.send(out.records('kept', 'kept'));
    await next.commit(upTo(6), out.loneGroup());
    expect(await out.committedValues('kept', 'kept')).toEqual([['kept'], ['kept']]);
    await vi.waitFor(async () => expect(await out.committedOffset()).toEqual(['6', 'at 6']), {
      timeout: 50_000,
    });
  });

  test('a producer that was fenced cannot send, either', async () => {
    const former = await start();
    await former.send(out.records('zombie'));
    await start();
    await expect(former.send(out.records('zombie'))).rejects.toMatchObject({ code: 'KAFKA_FENCED' });
  });

  test('who is no member of the group’s generation cannot commit for it', async () => {
    const reader = { brokers: kafka, groupId: out.groupId, topics: [out.topic] };
    const [owner, other] = [new MemberUnderTest('a', reader), new MemberUnderTest('b', reader)];
    await owner.join();
    const stale = owner.member.metadata();
    await other.join();
    await vi.waitFor(() => expect(owner.now()).toContain('a+b'), { timeout: 50_000 });

    const producer = await start();
    await producer.send(out.records('stale', 'stale'));
    await expect(producer.commit(upTo(5), stale)).rejects.toMatchObject({ code: 'KAFKA_FENCED' });
    await producer.close();

    const next = await start();
    await next.send(out.records('kept', 'kept'));
    await next.commit(upTo(6), owner.member.metadata());
    expect(await out.committedValues('kept', 'kept')).toEqual([['kept'], ['kept']]);
    const [offset] = await owner.member.committed([{ topic: out.topic, partition: 0 }]);
    expect(offset).toEqual({ topic: out.topic, partition: 0, offset: 6, metadata: 'at 6' });
    await Promise.all([owner.leave(), other.leave()]);
  });

  test('offsets of a transaction that is not ended yet are waited for', async () => {
    const reader = new MemberUnderTest('a', { brokers: kafka, groupId: out.groupId, topics: [out.topic] });
    await reader.join();
    const until = new AbortController().signal;
    const transaction = new TransactionRequests({ requests, transactionalId, giveUpAfterMs: 10_000, until });
    const identity = await transaction.initialise(10_000);
    await transaction.addGroup(identity, out.groupId);
    await transaction.commitOffsets(identity, upTo(9), reader.member.metadata());

    let told = false;
    const asking = reader.member.committed([{ topic: out.topic, partition: 0 }]).finally(() => (told = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told).toBe(false);
    await transaction.end(identity, { commit: true });
    expect(await asking).toMatchObject([{ offset: 9, metadata: 'at 9' }]);
    await reader.leave();
  });

  test('closing waits for the commit that is under way', async () => {
    const producer = await start();
    await producer.send(out.records('a', 'b'));
    const committing = producer.commit(upTo(2), out.loneGroup());
    await producer.close();
    await committing;
    expect(await out.committedValues('a', 'b')).toEqual([['a'], ['b']]);
  });

  test('more than a batch holds goes out in several, in order', async () => {
    const producer = await start();
    const padding = 'x'.repeat(10_000);
    const values = Array.from({ length: 250 }, (_, index) => `${index}:${padding}`);
    const [range] = await producer.send(values.map((value) => out.record(value)));
    await producer.commit([], out.loneGroup());
    expect(range).toEqual({ topic: out.topic, partition: 0, endOffset: 250 });
    expect(await out.committedValues(values.at(-1)!)).toEqual([values, []]);
  });

  test('a record that is too large is refused by name, and the producer is good for nothing afterwards', async () => {
    const producer = await start();
    const tooLarge = { ...out.record(''), value: Buffer.alloc(2_000_000) };
    await expect(producer.send([tooLarge])).rejects.toMatchObject({
      code: 'KAFKA_REFUSED',
      message: expect.stringMatching(`${out.topic}\\[0\\].*MESSAGE_TOO_LARGE`) as string,
    });
    await expect(producer.commit([], out.loneGroup())).rejects.toMatchObject({
      code: 'KAFKA_PRODUCER_STATE',
    });
  });
});
