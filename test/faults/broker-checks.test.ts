import { Kafka, logLevel } from 'kafkajs';
import type { Admin, Producer, Transaction } from 'kafkajs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { createTopic } from '../services/kafka/create-topic.ts';
import { BrokerView } from './broker-view.ts';
import { openEndProblems, progressProblems, transactionProblems } from './check-progress.ts';
import { committedRecords } from './committed-records.ts';

await describeWith(['kafka'], 'what the fault checks ask of the broker', ({ kafka }) => {
  const client = new Kafka({ brokers: kafka.split(','), logLevel: logLevel.NOTHING });
  const view = new BrokerView(kafka.split(','));
  let admin: Admin;
  let producer: Producer;
  let application: string;
  let topic: string;

  beforeAll(async () => {
    admin = client.admin();
    await admin.connect();
  });

  beforeEach(async () => {
    application = uniqueName('checks');
    topic = `${application}.out`;
    await createTopic(admin, topic, { partitions: 2 });
    producer = client.producer({
      transactionalId: `${application}-0_0`,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    return () => producer.disconnect();
  });

  afterAll(async () => {
    await admin.disconnect();
    await view.close();
  });

  const begin = async (...values: string[]): Promise<Transaction> => {
    const transaction = await producer.transaction();
    const messages = values.map((value) => ({ key: 'k', partition: 1, value }));
    await transaction.send({ topic, messages });
    return transaction;
  };

  /** What the topic holds for kafkajs, which reads in its own way. */
  const readByKafkajs = async (count: number): Promise<string[]> => {
    const consumer = client.consumer({ groupId: uniqueName('reader') });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const values: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const eachMessage = ({ message }: { message: { value: Buffer | null } }): Promise<void> => {
        values.push(String(message.value));
        if (values.length === count) resolve();
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    return values;
  };

  it('reads committed records and no others, as another client does', async () => {
    await (await begin('a', 'b')).commit();
    await (await begin('not this')).abort();
    await (await begin('c')).commit();
    await (await begin('nor this', 'nor that')).abort();
    await (await begin('d')).commit();
    const records = await committedRecords(view, topic);
    expect(records.map(({ value }) => String(value))).toEqual(['a', 'b', 'c', 'd']);
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 5, 10]);
    expect(await readByKafkajs(4)).toEqual(['a', 'b', 'c', 'd']);
    expect(await committedRecords(view, topic, [0, 2])).toEqual(records.slice(2));
  });

  it('notices a transaction that is left open, and that it has ended', async () => {
    await (await begin('before')).commit();
    const transaction = await begin('a');
    expect(openEndProblems(topic, await view.offsets(topic))).toEqual([
      `${topic}-1: last stable offset 2, high watermark 3`,
    ]);
    const open = await view.openTransactions(application);
    expect(transactionProblems(open)).toEqual([`${application}-0_0 is Ongoing on ${topic}-1`]);
    expect((await committedRecords(view, topic)).map(({ value }) => String(value))).toEqual(['before']);

    await transaction.commit();
    await expect
      .poll(async () => openEndProblems(topic, await view.offsets(topic)), { timeout: 50_000 })
      .toEqual([]);
    await expect.poll(() => view.openTransactions(application), { timeout: 50_000 }).toEqual([]);
  });

  it('knows how far a group has come', async () => {
    await (await begin('a', 'b')).commit();
    const problemsAt = async (offset: number): Promise<string[]> => {
      await admin.setOffsets({
        groupId: application,
        topic,
        partitions: [{ partition: 1, offset: String(offset) }],
      });
      const committed = await view.committed(application, topic);
      const [offsets, records] = [await view.offsets(topic), await committedRecords(view, topic)];
      return progressProblems({ topic, committed, offsets, records });
    };
    expect(await problemsAt(1)).toHaveLength(1);
    expect(await problemsAt(2)).toEqual([]);
    expect(await problemsAt(3)).toEqual([]);
  });
});
