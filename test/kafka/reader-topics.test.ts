import type { KafkaCluster, TopicPartition } from '@incident-streams/streams/kafka';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin, Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { ReaderProbe } from './reader-probe.ts';

await describeWith(['kafka'], 'a reader of a topic', ({ kafka }) => {
  let cluster: KafkaCluster;
  let admin: Admin;
  let producer: Producer;
  const probes: ReaderProbe[] = [];
  const read = (place: TopicPartition, fromOffset: number): ReaderProbe => {
    const probe = new ReaderProbe(cluster, { maxWaitMs: 100 });
    probes.push(probe);
    probe.read(place, fromOffset);
    return probe;
  };

  beforeAll(async () => {
    cluster = connectKafka({ brokers: [kafka], clientId: 'reader-test' });
    const client = new Kafka({ brokers: [kafka], logLevel: logLevel.NOTHING });
    [admin, producer] = [client.admin(), client.producer()];
    await Promise.all([admin.connect(), producer.connect()]);
  });
  afterEach(async () => {
    await Promise.all(probes.splice(0).map(({ reader }) => reader.close()));
  });
  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect(), cluster.close()]);
  });

  async function createTopic(topic: string, configs: Record<string, string> = {}): Promise<TopicPartition> {
    await cluster.admin.createTopics([{ name: topic, partitions: 1, configs }]);
    return { topic, partition: 0 };
  }

  function send({ topic }: TopicPartition, ...values: readonly string[]): Promise<unknown> {
    return producer.send({ topic, messages: values.map((value) => ({ value })) });
  }

  test('whose records were deleted says where it begins now, and reads nothing until told where', async () => {
    const place = await createTopic(uniqueName('read'));
    await send(place, 'a', 'b', 'c');
    await cluster.admin.deleteRecords(place, 2);
    const probe = read(place, 1);
    await probe.until(() => probe.arrivals.length > 0);
    expect(probe.arrivals).toEqual([{ type: 'out-of-range', startOffset: 2, endOffset: 3 }]);

    probe.reader.read(place, 2);
    await probe.untilRecords(1);
    expect(probe.values).toEqual(['c']);
  });

  test('that ends before the offset asked for says so', async () => {
    const place = await createTopic(uniqueName('read'));
    await send(place, 'a');
    const probe = read(place, 9);
    await probe.until(() => probe.arrivals.length > 0);
    expect(probe.arrivals).toEqual([{ type: 'out-of-range', startOffset: 0, endOffset: 1 }]);
  });

  test('that was deleted and made anew is not read on as if it were the same', async () => {
    const name = uniqueName('read');
    const place = await createTopic(name);
    const probe = read(place, 0);
    await expect.poll(() => probe.reader.endOffset(place), { timeout: 50_000 }).toBe(0);

    await admin.deleteTopics({ topics: [name] });
    await expect.poll(() => probe.reader.failure(), { timeout: 50_000 }).toMatch(/UNKNOWN_TOPIC/);
    await createTopic(name);
    await send(place, 'of another topic');
    await probe.until(() => probe.arrivals.length > 0);
    expect(probe.arrivals).toMatchObject([{ type: 'out-of-range', startOffset: 0 }]);
  });

  test('that does not exist yet fails until it does', async () => {
    const place = { topic: uniqueName('read'), partition: 0 };
    const probe = read(place, 0);
    await expect
      .poll(() => probe.reader.failure(), { timeout: 50_000 })
      .toBe(`${place.topic}[0]: UNKNOWN_TOPIC_OR_PARTITION`);
    await createTopic(place.topic);
    await send(place, 'a');
    await probe.untilRecords(1);
    expect([probe.values, probe.reader.failure()]).toEqual([['a'], undefined]);
  });

  describe.each(['gzip', 'snappy', 'lz4', 'zstd'])('that is kept in %s', (compression) => {
    test('is decompressed', async () => {
      // The broker compresses anew, with the libraries that every Java producer uses.
      const place = await createTopic(uniqueName('read'), { 'compression.type': compression });
      const values = Array.from({ length: 3_000 }, (_, index) => `${index} `.repeat(20));
      await send(place, ...values);
      const probe = read(place, 0);
      await probe.untilRecords(values.length);
      expect(probe.values).toEqual(values);
    });
  });
});
