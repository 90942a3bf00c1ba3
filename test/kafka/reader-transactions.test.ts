import type { KafkaCluster, TopicPartition } from '@incident-streams/streams/kafka';
import { Kafka, logLevel } from 'kafkajs';
import type { Producer } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { ReaderProbe } from './reader-probe.ts';

await describeWith(['kafka'], 'a reader of transactions', ({ kafka }) => {
  let cluster: KafkaCluster;
  const producers: Producer[] = [];

  beforeAll(() => {
    cluster = connectKafka({ brokers: [kafka], clientId: 'reader-test' });
  });
  afterAll(async () => {
    await Promise.all(producers.map((producer) => producer.disconnect()));
    await cluster.close();
  });

  async function newTopic(): Promise<TopicPartition> {
    const topic = uniqueName('read');
    await cluster.admin.createTopics([{ name: topic, partitions: 1, configs: {} }]);
    return { topic, partition: 0 };
  }

  async function newProducer({ transactional }: { readonly transactional: boolean }): Promise<Producer> {
    const identity = { transactionalId: uniqueName('tx'), maxInFlightRequests: 1, idempotent: true };
    const client = new Kafka({ brokers: [kafka], logLevel: logLevel.NOTHING });
    const producer = client.producer(transactional ? identity : {});
    producers.push(producer);
    await producer.connect();
    return producer;
  }

  test('sees what was committed and nothing of what was aborted, however they are mixed', async () => {
    const { topic, partition } = await newTopic();
    const [one, two] = [
      await newProducer({ transactional: true }),
      await newProducer({ transactional: true }),
    ];
    const outside = await newProducer({ transactional: false });
    const expected: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      const [first, second] = [await one.transaction(), await two.transaction()];
      for (const [name, transaction] of [
        ['first', first],
        ['second', second],
      ] as const) {
        for (let index = 0; index < 3; index += 1) {
          await transaction.send({ topic, messages: [{ value: `${name} ${round} ${index}` }] });
        }
      }
      await outside.send({ topic, messages: [{ value: `outside ${round}` }] });
      await (round % 2 === 0 ? first.abort() : first.commit());
      await (round % 3 === 0 ? second.commit() : second.abort());
      const names = [...(round % 2 === 0 ? [] : ['first']), ...(round % 3 === 0 ? ['second'] : [])];
      for (const name of names)
        for (let index = 0; index < 3; index += 1) expected.push(`${name} ${round} ${index}`);
      expected.push(`outside ${round}`);
    }
    await outside.send({ topic, messages: [{ value: 'last' }] });

    for (const maxPartitionBytes of [1_048_576, 300]) {
      const probe = new ReaderProbe(cluster, { maxPartitionBytes });
      probe.read({ topic, partition }, 0);
      await probe.until(() => probe.values.at(-1) === 'last');
      expect(probe.values).toEqual([...expected, 'last']);
      await probe.reader.close();
    }
  });

  test('is told of no end beyond a transaction that is open, and moves past its marks when it is ended', async () => {
    const place = await newTopic();
    const outside = await newProducer({ transactional: false });
    await outside.send({ topic: place.topic, messages: [{ value: 'before' }] });
    const transaction = await (await newProducer({ transactional: true })).transaction();
    await transaction.send({ topic: place.topic, messages: [{ value: 'never' }] });

    const probe = new ReaderProbe(cluster, { maxWaitMs: 50 });
    probe.read(place, 0);
    await probe.untilRecords(1);
    expect(probe.reader.endOffset(place)).toBe(1);
    const { highWatermark, ...range } = await cluster.admin.offsetRange(place);
    expect([range, highWatermark]).toEqual([{ start: 0, end: 1 }, 2]);

    await transaction.abort();
    await probe.until(() => probe.arrivals.length > 1);
    expect(probe.arrivals.at(-1)).toEqual({ type: 'records', records: [], nextOffset: 3 });
    expect([probe.values, probe.reader.endOffset(place)]).toEqual([['before'], 3]);
    await probe.reader.close();
  });
});
