import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaCluster, TopicPartition } from '@incident-streams/streams/kafka';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import type { Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { ReaderProbe } from './reader-probe.ts';

await describeWith(['kafka'], 'a reader of partitions', ({ kafka }) => {
  let cluster: KafkaCluster;
  let producer: Producer;
  const probes: ReaderProbe[] = [];
  const probe = (options: ConstructorParameters<typeof ReaderProbe>[1] = {}): ReaderProbe => {
    const made = new ReaderProbe(cluster, options);
    probes.push(made);
    return made;
  };

  beforeAll(async () => {
    cluster = connectKafka({ brokers: [kafka], clientId: 'reader-test' });
    producer = new Kafka({ brokers: [kafka], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
  });
  afterEach(async () => {
    await Promise.all(probes.splice(0).map(({ reader }) => reader.close()));
  });
  afterAll(async () => {
    await producer.disconnect();
    await cluster.close();
  });

  async function newTopic(partitions = 1, configs: Record<string, string> = {}): Promise<TopicPartition> {
    const topic = uniqueName('read');
    await cluster.admin.createTopics([{ name: topic, partitions, configs }]);
    return { topic, partition: 0 };
  }

  function send({ topic, partition }: TopicPartition, ...values: readonly string[]): Promise<unknown> {
    return producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
  }

  test('gives all of a record, as another client wrote it', async () => {
    const place = await newTopic();
    const headers = { a: 'one', b: ['two', 'three'] };
    const full = { partition: 0, key: 'k', value: 'v', timestamp: '1700000000123', headers };
    const bare = { partition: 0, key: null, value: null, timestamp: '1700000000000' };
    const messages = [full, bare];
    await producer.send({ topic: place.topic, messages, compression: CompressionTypes.GZIP });
    const reading = probe();
    reading.read(place, 0);
    await reading.untilRecords(2);

    const [first, second] = reading.records;
    expect(first).toMatchObject({ ...place, offset: 0, timestamp: 1_700_000_000_123 });
    expect([String(first?.key), String(first?.value)]).toEqual(['k', 'v']);
    expect(first?.headers.map(({ name, value }) => `${name}=${String(value)}`)).toEqual([
      'a=one',
      'b=two',
      'b=three',
    ]);
    expect(second).toEqual({
      ...place,
      offset: 1,
      timestamp: 1_700_000_000_000,
      key: null,
      value: null,
      headers: [],
    });
  });

  test('begins at the offset asked for, also in the middle of a batch, and begins anew when asked to', async () => {
    const place = await newTopic();
    await send(place, 'a', 'b', 'c', 'd');
    const reading = probe();
    reading.read(place, 2);
    await reading.untilRecords(2);
    expect(reading.values).toEqual(['c', 'd']);

    reading.reader.read(place, 1);
    await reading.untilRecords(5);
    expect(reading.values.slice(2)).toEqual(['b', 'c', 'd']);
    expect(reading.reader.endOffset(place)).toBe(4);
    expect(reading.reader.failure()).toBeUndefined();
  });

  test('stops, and says nothing more of what it has stopped', async () => {
    const place = await newTopic();
    await send(place, 'a');
    const reading = probe({ maxWaitMs: 50 });
    reading.read(place, 0);
    await reading.untilRecords(1);
    reading.reader.stop(place);
    await send(place, 'b');
    await sleep(200);
    expect([reading.values, reading.reader.take(place), reading.reader.endOffset(place)]).toEqual([
      ['a'],
      undefined,
      undefined,
    ]);
  });

  test('has at most two answers waiting: what is not taken is not asked for', async () => {
    const place = await newTopic();
    for (let index = 0; index < 8; index += 1) await send(place, String(index).repeat(3_000));
    let arrivals = 0;
    const reader = cluster.reader({
      onArrival: () => (arrivals += 1),
      maxPartitionBytes: 1_000,
      maxWaitMs: 20,
    });
    reader.read(place, 0);
    while (arrivals < 2) await sleep(10);
    await sleep(300);
    expect(arrivals).toBe(2);
    const taken = [reader.take(place), reader.take(place), reader.take(place)];
    expect(taken.map((one) => one?.type)).toEqual(['records', 'records', undefined]);

    while (arrivals < 4) await sleep(10);
    await reader.close();
  });

  test('comes forward in turn on every partition, where every batch is larger than what may be asked for at once', async () => {
    const { topic } = await newTopic(3);
    for (let index = 0; index < 4; index += 1) {
      for (const partition of [0, 1, 2]) await send({ topic, partition }, `${index}`.repeat(20_000));
    }
    const reading = probe({ maxPartitionBytes: 1_000, maxWaitMs: 100 });
    for (const partition of [0, 1, 2]) reading.read({ topic, partition }, 0);
    await reading.untilRecords(12);
    expect(new Set(reading.records.slice(0, 6).map(({ partition }) => partition))).toEqual(
      new Set([0, 1, 2]),
    );
    for (const partition of [0, 1, 2]) {
      const offsets = reading.records
        .filter((one) => one.partition === partition)
        .map(({ offset }) => offset);
      expect(offsets).toEqual([0, 1, 2, 3]);
    }
  });

  test('does not let a partition wait for one that has nothing', async () => {
    const { topic } = await newTopic(4);
    const reading = probe({ maxWaitMs: 20_000 });
    const place = (partition: number): TopicPartition => ({ topic, partition });
    reading.read(place(0), 0);
    await sleep(300);
    for (const partition of [1, 2, 3]) {
      await send(place(partition), `of ${partition}`);
      const startedMs = performance.now();
      reading.read(place(partition), 0);
      await reading.untilRecords(partition);
      expect(performance.now() - startedMs).toBeLessThan(15_000);
    }
    await send(place(0), 'of 0');
    await reading.untilRecords(4);
    expect(reading.values).toEqual(['of 1', 'of 2', 'of 3', 'of 0']);
  });

  test("gives the broker's time where the topic has that", async () => {
    const place = await newTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    await producer.send({ topic: place.topic, messages: [{ value: 'a', timestamp: '1000' }] });
    const reading = probe();
    reading.read(place, 0);
    await reading.untilRecords(1);
    expect(reading.records[0]?.timestamp).toBeGreaterThanOrEqual(before);
  });
});
