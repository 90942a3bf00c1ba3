import {
  COMPATIBILITY,
  SchemaRegistry as KafkaJsRegistry,
  SchemaType,
} from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StreamsBuilder, stringSerde } from '@incident-streams/streams';
import { KafkaRuntime } from '@incident-streams/streams/kafka';
import type { KafkaCluster } from '@incident-streams/streams/kafka';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import type { ConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { event } from '../schemas/samples.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { readAll } from '../streams/kafka/run-on-kafka.ts';
import { recordOfId } from './log-record.ts';
import { uniqueSubjects } from './subjects.ts';
import { startSwitchableProxy } from './switchable-proxy.ts';

const UNKNOWN_ID = 0x7fff_f000;

await describeWith(['kafka', 'schemaRegistry'], 'the Kafka runtime and a registry', (urls) => {
  const brokers = urls.kafka.split(',');
  let cluster: KafkaCluster;
  beforeAll(() => {
    cluster = connectKafka({ brokers, clientId: 'schemas' });
  });
  afterAll(() => cluster.close());

  /** Passes events on as text; what cannot be read goes to the dead letters. */
  function runtimeWith(registry: ConfluentRegistry, applicationId: string): KafkaRuntime {
    const builder = new StreamsBuilder({ deadLetterTopic: 'dead' });
    builder
      .stream('in', { key: stringSerde, value: createSerdes(registry).incidentEvent })
      .mapValues(({ id, severity }) => `${id} ${severity}`, { name: 'text' })
      .to('out', { key: stringSerde, value: stringSerde });
    return new KafkaRuntime({
      topology: builder.build(),
      cluster,
      applicationId,
      topicPrefix: `${applicationId}.`,
      topics: { in: { partitions: 1 }, out: { partitions: 1 }, dead: { partitions: 1 } },
      beforeDecode: registry.beforeDecode,
    });
  }

  /** As another team writes: their own clients, and a schema that has grown since this version. */
  async function writeAsOthers(topic: string, values: readonly (Uint8Array | object)[]): Promise<void> {
    const text = JSON.stringify(SCHEMAS.IncidentEvent).replace('"CRITICAL"]', '"CRITICAL","FATAL"]');
    const writer = new KafkaJsRegistry({ host: urls.schemaRegistry });
    const subject = `${uniqueName('others')}-value`;
    const compatibility = COMPATIBILITY.NONE;
    const { id } = await writer.register({ type: SchemaType.AVRO, schema: text }, { subject, compatibility });
    const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    for (const value of values) {
      const bytes = value instanceof Uint8Array ? Buffer.from(value) : await writer.encode(id, value);
      await producer.send({ topic, messages: [{ key: 'k', value: bytes, partition: 0 }] });
    }
    await producer.disconnect();
  }

  const textsIn = async (topic: string): Promise<string[]> =>
    (await readAll(cluster, { topic, partition: 0 })).map(({ value }) => Buffer.from(value ?? []).toString());

  test('a registry that is down holds records back and dead-letters none; an unknown id is dead-lettered', async () => {
    await using proxy = await startSwitchableProxy(urls.schemaRegistry);
    const reasons: string[] = [];
    const registry = await openConfluentRegistry({
      url: proxy.url,
      subjects: uniqueSubjects(),
      onRetry: (reason) => reasons.push(reason),
    });
    const applicationId = uniqueName('schemas');
    const runtime = runtimeWith(registry, applicationId);
    await runtime.start();
    proxy.mode = 503;
    const unknown = recordOfId(UNKNOWN_ID, Buffer.from('whatever')).value!;
    await writeAsOthers(`${applicationId}.in`, [
      { ...event, id: 'first', severity: 'FATAL' },
      unknown,
      { ...event, id: 'last' },
    ]);
    await expect.poll(() => reasons.length, { timeout: 50_000 }).toBeGreaterThan(3);
    expect(await textsIn(`${applicationId}.out`)).toEqual([]);
    expect(await textsIn(`${applicationId}.dead`)).toEqual([]);

    proxy.mode = 'serve';
    await runtime.whenProcessed();
    expect(await textsIn(`${applicationId}.out`)).toEqual(['first MAJOR', 'last MAJOR']);
    const dead = await readAll(cluster, { topic: `${applicationId}.dead`, partition: 0 });
    expect(dead.map(({ value }) => Buffer.from(value ?? []))).toEqual([Buffer.from(unknown)]);
    await runtime.close();
    registry.close();
  }, 120_000);

  test('the runtime closes while records wait for the registry, and the next one goes on with them', async () => {
    await using proxy = await startSwitchableProxy(urls.schemaRegistry);
    const subjects = uniqueSubjects();
    const applicationId = uniqueName('schemas');
    const first = await openConfluentRegistry({ url: proxy.url, subjects });
    const runtime = runtimeWith(first, applicationId);
    await runtime.start();
    proxy.mode = 'hang';
    await writeAsOthers(`${applicationId}.in`, [{ ...event, id: 'waits' }]);
    await expect.poll(() => proxy.requests.at(-1), { timeout: 50_000 }).toMatch(/^GET .schemas.ids/);
    await runtime.close();
    first.close();
    proxy.mode = 'serve';
    const second = await openConfluentRegistry({ url: proxy.url, subjects });
    const next = runtimeWith(second, applicationId);
    await next.start();
    await next.whenProcessed();
    expect(await textsIn(`${applicationId}.out`)).toEqual(['waits MAJOR']);
    expect(await textsIn(`${applicationId}.dead`)).toEqual([]);
    await next.close();
    second.close();
  }, 120_000);
});
