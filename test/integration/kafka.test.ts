import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin, Consumer, Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { createTopic } from '../services/kafka/create-topic.ts';

const SCHEMA = JSON.stringify({
  type: 'record',
  name: 'Alert',
  namespace: 'incident.test',
  fields: [
    { name: 'incident', type: 'string' },
    { name: 'version', type: 'int' },
  ],
});

await describeWith(['kafka', 'schemaRegistry'], 'Kafka', ({ kafka, schemaRegistry }) => {
  let client: Kafka;
  let admin: Admin;
  let topic: string;
  const open: (Consumer | Producer)[] = [];

  beforeAll(async () => {
    client = new Kafka({ brokers: kafka.split(','), logLevel: logLevel.NOTHING });
    admin = client.admin();
    await admin.connect();
  });

  beforeEach(async () => {
    topic = uniqueName('alerts');
    await createTopic(admin, topic);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.disconnect()));
    await admin.deleteTopics({ topics: [topic] });
  });

  afterAll(() => admin.disconnect());

  const connected = async <One extends Consumer | Producer>(one: One): Promise<One> => {
    open.push(one);
    await one.connect();
    return one;
  };

  /** The values that a read_committed consumer sees, up to the one that is awaited. */
  const readUntil = async (last: (value: Buffer) => boolean): Promise<Buffer[]> => {
    const consumer = await connected(
      client.consumer({ groupId: uniqueName('reader'), readUncommitted: false }),
    );
    await consumer.subscribe({ topic, fromBeginning: true });
    const values: Buffer[] = [];
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: ({ message }) => {
            const value = message.value ?? Buffer.alloc(0);
            values.push(value);
            if (last(value)) resolve();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    return values;
  };

  test('carries Avro records in the Confluent wire format, in order', async () => {
    const registry = new SchemaRegistry({ host: schemaRegistry });
    const options = { subject: `${topic}-value`, compatibility: COMPATIBILITY.BACKWARD };
    const { id } = await registry.register({ type: SchemaType.AVRO, schema: SCHEMA }, options);
    const alerts = [1, 2, 3].map((version) => ({ incident: 'a', version }));
    const producer = await connected(client.producer());

    const messages = await Promise.all(
      alerts.map(async (alert) => ({ key: 'a', value: await registry.encode(id, alert) })),
    );
    await producer.send({ topic, messages });

    const end = messages.at(-1)?.value;
    const values = await readUntil((value) => end?.equals(value) === true);
    expect(values.map((value) => value.readInt32BE(1))).toEqual([id, id, id]);
    expect(await Promise.all(values.map((value) => registry.decode(value)))).toEqual(alerts);
  });

  test('shows a read_committed consumer committed transactions only', async () => {
    const producer = await connected(
      client.producer({ transactionalId: uniqueName('writer'), maxInFlightRequests: 1, idempotent: true }),
    );
    const transact = async (value: string, end: 'commit' | 'abort'): Promise<void> => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await transaction[end]();
    };

    await transact('committed', 'commit');
    await transact('aborted', 'abort');
    await transact('end', 'commit');

    const values = await readUntil((value) => value.toString() === 'end');
    expect(values.map(String)).toEqual(['committed', 'end']);
  });
});
