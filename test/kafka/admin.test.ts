import type { KafkaCluster, TopicPartition } from '@incident-streams/streams/kafka';
import { KafkaRefusedError } from '@incident-streams/streams/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';

await describeWith(['kafka'], 'the admin of a cluster', ({ kafka }) => {
  let cluster: KafkaCluster;
  beforeAll(() => {
    cluster = connectKafka({ brokers: [kafka], clientId: 'admin-test' });
  });
  afterAll(() => cluster.close());

  async function filledTopic(values: readonly string[]): Promise<TopicPartition> {
    const topic = uniqueName('admin');
    await cluster.admin.createTopics([{ name: topic, partitions: 1, configs: {} }]);
    const producer = await cluster.producer();
    const records = values.map((value) => ({
      ...{ topic, partition: 0, timestamp: 1_700_000_000_000, key: null, headers: [] },
      value: Buffer.from(value),
    }));
    if (records.length > 0) await producer.send(records);
    await producer.close();
    return { topic, partition: 0 };
  }

  test('creates topics as asked, and describes those that exist', async () => {
    const [compacted, plain] = [uniqueName('admin'), uniqueName('admin')];
    const configs = {
      'cleanup.policy': 'compact,delete',
      'retention.ms': '120000',
      'retention.bytes': '5000000',
    };
    await cluster.admin.createTopics([
      { name: compacted, partitions: 3, replicationFactor: 1, configs },
      { name: plain, partitions: 1, configs: {} },
    ]);
    const described = await cluster.admin.describeTopics([compacted, plain, uniqueName('missing')]);

    expect([...described.keys()]).toEqual([compacted, plain]);
    expect(described.get(compacted)).toMatchObject({
      ...{ name: compacted, partitions: 3 },
      ...{ cleanupPolicy: 'compact,delete', retentionMs: 120_000, retentionBytes: 5_000_000 },
    });
    expect(described.get(plain)).toMatchObject({
      cleanupPolicy: 'delete',
      retentionMs: 604_800_000,
      retentionBytes: -1,
    });
    expect(described.get(plain)?.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(described.get(plain)?.id).not.toBe(described.get(compacted)?.id);
  });

  test('sees a topic that was made after it was looked for in vain', async () => {
    const name = uniqueName('admin');
    expect((await cluster.admin.describeTopics([name])).size).toBe(0);
    await cluster.admin.createTopics([{ name, partitions: 1, configs: {} }]);
    expect((await cluster.admin.describeTopics([name])).size).toBe(1);
  });

  test('has no objection to a topic that somebody else has just made, and leaves it as it is', async () => {
    const topic = { name: uniqueName('admin'), partitions: 2, configs: {} };
    await Promise.all([1, 2, 3].map(() => cluster.admin.createTopics([topic])));
    await cluster.admin.createTopics([{ ...topic, partitions: 5 }]);
    expect((await cluster.admin.describeTopics([topic.name])).get(topic.name)?.partitions).toBe(2);
  });

  test('names what was refused, and why', async () => {
    const name = uniqueName('admin');
    const create = (change: object): Promise<void> =>
      cluster.admin.createTopics([{ name, partitions: 1, configs: {}, ...change }]);
    await expect(create({ replicationFactor: 7 })).rejects.toThrow(KafkaRefusedError);
    await expect(create({ replicationFactor: 7 })).rejects.toThrow(
      `creating topic ${name}: INVALID_REPLICATION_FACTOR`,
    );
    await expect(create({ configs: { 'retention.ms': 'soon' } })).rejects.toThrow('INVALID_CONFIG');
    await expect(create({ configs: { 'retention.ms': 'soon' } })).rejects.toThrow('soon');
    await expect(create({ name: 'not/allowed' })).rejects.toThrow('INVALID_TOPIC_EXCEPTION');
  });

  test('knows the range of offsets, and moves its begin', async () => {
    const place = await filledTopic(['a', 'b', 'c']);
    expect(await cluster.admin.offsetRange(place)).toEqual({ start: 0, end: 3, highWatermark: 3 });
    await cluster.admin.deleteRecords(place, 2);
    expect(await cluster.admin.offsetRange(place)).toEqual({ start: 2, end: 3, highWatermark: 3 });
    const tooFar = cluster.admin.deleteRecords(place, 9);
    await expect(tooFar).rejects.toThrow(
      `deleting the records of ${place.topic}[0] before offset 9: OFFSET_OUT_OF_RANGE`,
    );
    await expect(tooFar).rejects.toThrow(KafkaRefusedError);
  });

  test('finds an empty topic empty', async () => {
    expect(await cluster.admin.offsetRange(await filledTopic([]))).toEqual({
      start: 0,
      end: 0,
      highWatermark: 0,
    });
  });
});
