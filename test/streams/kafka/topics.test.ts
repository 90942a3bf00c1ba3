import { afterAll, beforeAll, expect, it } from 'vitest';
import { StreamsBuilder, stringSerde } from '@incident-streams/streams';
import type { StoreRecovery } from '@incident-streams/streams';
import { KafkaRuntime, KafkaTopicError } from '@incident-streams/streams/kafka';
import type { KafkaCluster, KafkaRuntimeOptions } from '@incident-streams/streams/kafka';
import { connectKafka } from '../../../connectors/kafka/index.ts';
import { describeWith, uniqueName } from '../../services/describe-with.ts';

const DAY_MS = 86_400_000;

await describeWith(['kafka'], 'the topics of a topology on Kafka', ({ kafka }) => {
  let cluster: KafkaCluster;
  beforeAll(() => {
    cluster = connectKafka({ brokers: kafka.split(','), clientId: 'topics' });
  });
  afterAll(() => cluster.close());

  const topology = (recovery: StoreRecovery = 'changelog') => {
    const builder = new StreamsBuilder();
    builder
      .stream('in', { key: stringSerde, value: stringSerde })
      .dedupe({ id: (key) => key, withinMs: DAY_MS, recovery, name: 'first' })
      .selectKey((_key, value) => value)
      .groupByKey({ key: stringSerde, value: stringSerde, name: 'by-value' })
      .count({ name: 'counts' });
    return builder.build();
  };

  async function starting(
    options: Partial<KafkaRuntimeOptions> & { applicationId: string },
  ): Promise<string> {
    const runtime = new KafkaRuntime({
      topology: topology(),
      cluster,
      topicPrefix: `${options.applicationId}.`,
      ...options,
    });
    try {
      await runtime.start();
      return 'started';
    } catch (error) {
      expect(error).toBeInstanceOf(KafkaTopicError);
      return (error as Error).message;
    } finally {
      await runtime.close();
    }
  }

  it('are created with the partitions, policies and retention that they need', async () => {
    const applicationId = uniqueName('topics');
    expect(await starting({ applicationId, topics: { in: { partitions: 3 } } })).toBe('started');
    const names = ['by-value-repartition', 'first-seen-changelog', 'counts-changelog'].map(
      (name) => `${applicationId}-${name}`,
    );
    const found = await cluster.admin.describeTopics(names);
    expect([...found.values()].map(({ partitions, cleanupPolicy }) => [partitions, cleanupPolicy])).toEqual([
      [3, 'delete'],
      [3, 'compact'],
      [3, 'compact'],
    ]);
    expect(found.get(`${applicationId}-by-value-repartition`)?.retentionMs).toBe(-1);
  });

  it('are named when they are missing', async () => {
    const applicationId = uniqueName('topics');
    expect(await starting({ applicationId })).toMatch(`the topic "${applicationId}.in" does not exist`);
  });

  it('are refused with another number of partitions', async () => {
    const applicationId = uniqueName('topics');
    await cluster.admin.createTopics([
      { name: `${applicationId}.in`, partitions: 2, configs: {} },
      { name: `${applicationId}-counts-changelog`, partitions: 3, configs: { 'cleanup.policy': 'compact' } },
    ]);
    expect(await starting({ applicationId })).toBe(
      `the topic "${applicationId}-counts-changelog" has 3 partitions, and 2 are needed`,
    );
    expect(await starting({ applicationId, topics: { in: { partitions: 4 } } })).toBe(
      `the topic "${applicationId}.in" has 2 partitions, and 4 are needed`,
    );
  });

  it('are refused with another clean-up policy', async () => {
    const applicationId = uniqueName('topics');
    await cluster.admin.createTopics([
      { name: `${applicationId}.in`, partitions: 1, configs: {} },
      { name: `${applicationId}-counts-changelog`, partitions: 1, configs: { 'cleanup.policy': 'delete' } },
    ]);
    expect(await starting({ applicationId })).toBe(
      `the topic "${applicationId}-counts-changelog" has the clean-up policy "delete", and "compact" is needed`,
    );
  });

  it('are refused when they keep less than a store that is rebuilt from them remembers', async () => {
    const applicationId = uniqueName('topics');
    const configs = { 'retention.ms': String(DAY_MS) };
    const options = {
      applicationId,
      topology: topology('input'),
      topics: { in: { partitions: 1, configs } },
    };
    expect(await starting(options)).toMatch(
      `the store "first-seen" is rebuilt from the topic "${applicationId}.in", which keeps records for ${DAY_MS} ms: at least ${3 * DAY_MS} ms are needed`,
    );
  });
});
