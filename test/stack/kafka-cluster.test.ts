import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin, Consumer, Producer } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKafkaCluster } from '../../stack/native/kafka-cluster.ts';
import type { KafkaCluster } from '../../stack/native/kafka-cluster.ts';
import { describeWith } from '../services/describe-with.ts';

const TOPIC = 'replicated';
const BACK_MS = 60_000;

let folder: string;
let cluster: KafkaCluster;
let admin: Admin;
let producer: Producer;
let consumer: Consumer;
const sent: string[] = [];

/** For Java and Kafka's jars; the brokers are its own. */
await describeWith(['kafka'], 'a cluster of three brokers', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kafka-cluster-test-'));
    cluster = await startKafkaCluster({ brokers: 3, folder });
    const kafka = new Kafka({
      brokers: cluster.url.split(','),
      logLevel: logLevel.NOTHING,
      retry: { retries: 60, maxRetryTime: 1_000 },
    });
    [admin, producer] = [kafka.admin(), kafka.producer()];
    consumer = kafka.consumer({ groupId: 'reads-it-all' });
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 3 }] });
  }, 180_000);

  afterAll(async () => {
    await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function inSyncReplicas(): Promise<number[]> {
    const { topics } = await admin.fetchTopicMetadata({ topics: [TOPIC] });
    return topics[0]?.partitions.map(({ isr }) => isr.length) ?? [];
  }

  async function send(value: string): Promise<void> {
    const messages = [0, 1, 2].map((partition) => ({ partition, value }));
    await producer.send({ topic: TOPIC, acks: -1, messages });
    sent.push(value);
  }

  /** Each partition's values in order. What was not confirmed was sent again, so a value may be there twice. */
  async function received(): Promise<string[][]> {
    const values = [new Set<string>(), new Set<string>(), new Set<string>()];
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        values[partition]?.add(String(message.value));
        return Promise.resolve();
      },
    });
    await expect
      .poll(() => values.map(({ size }) => size), { timeout: BACK_MS })
      .toEqual(values.map(() => sent.length));
    return values.map((set) => [...set]);
  }

  test('keeps three copies, and writes to two at least', async () => {
    const [, minInSync] = await Promise.all([send('first'), minInSyncReplicas(admin)]);

    expect(await inSyncReplicas()).toEqual([3, 3, 3]);
    expect(minInSync).toBe('2');
  });

  test.each([
    ['stopped', 0],
    ['killed', 1],
  ] as const)(
    'goes on while one is %s, which comes back with its data',
    { timeout: 150_000 },
    async (how, index) => {
      const broker = cluster.brokers[index];
      if (broker === undefined) throw new Error('there is no such broker');

      await (how === 'killed' ? broker.kill() : broker.stop());
      expect(broker.processId()).toBeUndefined();
      await send(`while one is ${how}`);
      await broker.start();

      await expect.poll(inSyncReplicas, { timeout: BACK_MS, interval: 500 }).toEqual([3, 3, 3]);
    },
  );

  test('loses nothing when all are killed at once', { timeout: 150_000 }, async () => {
    await Promise.all(cluster.brokers.map((broker) => broker.kill()));
    await Promise.all(cluster.brokers.map((broker) => broker.start()));

    await send('afterwards');

    expect(sent).toHaveLength(4);
    expect(await received()).toEqual([sent, sent, sent]);
  });
});

async function minInSyncReplicas(client: Admin): Promise<string | undefined> {
  const { resources } = await client.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: TOPIC, configNames: ['min.insync.replicas'] }],
  });
  return resources[0]?.configEntries[0]?.configValue;
}
