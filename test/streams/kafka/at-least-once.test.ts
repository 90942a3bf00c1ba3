import { afterAll, beforeAll, expect, it } from 'vitest';
import { StreamsBuilder, stringSerde } from '@incident-streams/streams';
import { KafkaRuntime } from '@incident-streams/streams/kafka';
import type { KafkaCluster, PlainProducer } from '@incident-streams/streams/kafka';
import { connectKafka } from '../../../connectors/kafka/index.ts';
import { describeWith, uniqueName } from '../../services/describe-with.ts';
import { readAll } from './run-on-kafka.ts';

/** A producer whose connection is cut before its second request. */
async function cutBeforeTheSecondSend(cluster: KafkaCluster): Promise<PlainProducer> {
  const producer = await cluster.producer();
  let sends = 0;
  return {
    send: (records) => (++sends === 2 ? Promise.reject(new Error('cut')) : producer.send(records)),
    close: () => producer.close(),
  };
}

await describeWith(['kafka'], 'at least once', ({ kafka }) => {
  let cluster: KafkaCluster;
  beforeAll(() => {
    cluster = connectKafka({ brokers: kafka.split(','), clientId: 'at-least-once' });
  });
  afterAll(() => cluster.close());

  it('loses no output where the changelog of the ids that were seen is written, or not, before a failure', async () => {
    const applicationId = uniqueName('at-least-once');
    const builder = new StreamsBuilder();
    builder
      .stream('in', { key: stringSerde, value: stringSerde })
      .dedupe({ id: (_key, id) => id, withinMs: 60_000, recovery: 'changelog', name: 'first' })
      .to('out', { key: stringSerde, value: stringSerde });
    let producers = 0;
    const failing: KafkaCluster = {
      admin: cluster.admin,
      groupMember: (options) => cluster.groupMember(options),
      transactionalProducer: (options) => cluster.transactionalProducer(options),
      producer: () => (++producers === 1 ? cutBeforeTheSecondSend(cluster) : cluster.producer()),
      reader: (options) => cluster.reader(options),
      close: () => cluster.close(),
    };
    const runtime = new KafkaRuntime({
      topology: builder.build(),
      cluster: failing,
      applicationId,
      topicPrefix: `${applicationId}.`,
      topics: { in: { partitions: 1 }, out: { partitions: 1 } },
      guarantee: 'at-least-once',
    });
    await runtime.start();
    const upstream = await cluster.producer();
    const ids = ['a', 'b', 'c'];
    await upstream.send(
      ids.map((id) => {
        const bytes = { key: Buffer.from('k'), value: Buffer.from(id) };
        return { topic: `${applicationId}.in`, partition: 0, ...bytes, timestamp: Date.now(), headers: [] };
      }),
    );
    await upstream.close();
    await runtime.whenProcessed();
    await runtime.close();
    const written = await readAll(cluster, { topic: `${applicationId}.out`, partition: 0 });
    expect(producers).toBe(2);
    expect(new Set(written.map(({ value }) => Buffer.from(value ?? []).toString()))).toEqual(new Set(ids));
  });
});
