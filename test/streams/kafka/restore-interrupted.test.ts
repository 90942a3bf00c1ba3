import { afterAll, beforeAll, expect, it } from 'vitest';
import { StreamsBuilder, stringSerde } from '@incident-streams/streams';
import { KafkaRuntime } from '@incident-streams/streams/kafka';
import type { KafkaCluster, RuntimeEvent } from '@incident-streams/streams/kafka';
import { connectKafka } from '../../../connectors/kafka/index.ts';
import { describeWith, uniqueName } from '../../services/describe-with.ts';
import { eventually } from '../eventually.ts';

const PARTITIONS = 2;
const KEYS = 30_000;
const NOW_MS = Date.now();

function counting() {
  const builder = new StreamsBuilder();
  const table = builder
    .stream('in', { key: stringSerde, value: stringSerde })
    .groupByKey({ key: stringSerde, value: stringSerde })
    .count({ name: 'counts' });
  return { topology: builder.build(), store: table.store };
}

function deduplicating() {
  const builder = new StreamsBuilder();
  builder
    .stream('in', { key: stringSerde, value: stringSerde })
    .dedupe({ id: (_key, id) => id, withinMs: 60_000, recovery: 'input', name: 'first' })
    .to('out', { key: stringSerde, value: stringSerde });
  return builder.build();
}

await describeWith(['kafka'], 'a restore', ({ kafka }) => {
  let cluster: KafkaCluster;
  beforeAll(() => {
    cluster = connectKafka({ brokers: kafka.split(','), clientId: 'restore-interrupted' });
  });
  afterAll(() => cluster.close());

  async function produce(
    topic: string,
    records: readonly { key: string; value: string; partition: number }[],
  ) {
    const producer = await cluster.producer();
    await producer.send(
      records.map(({ key, value, partition }) => {
        const bytes = { key: Buffer.from(key), value: Buffer.from(value) };
        return { topic, partition, ...bytes, timestamp: NOW_MS, headers: [] };
      }),
    );
    await producer.close();
  }

  it('that a rebalance interrupts goes on, or begins elsewhere, and nothing is missing', async () => {
    const applicationId = uniqueName('restore');
    const open = (): { runtime: KafkaRuntime; counted: () => number[] } => {
      const { topology, store } = counting();
      const topics = { in: { partitions: PARTITIONS } };
      const runtime = new KafkaRuntime({
        topology,
        cluster,
        applicationId,
        topicPrefix: `${applicationId}.`,
        topics,
      });
      return {
        runtime,
        counted: () =>
          runtime.stores(store).flatMap((counts) => Array.from(counts.entries(), ([, count]) => count)),
      };
    };
    const filler = open();
    await filler.runtime.start();
    const records = Array.from({ length: PARTITIONS * KEYS }, (_, i) => {
      return { key: `key ${i}`, value: '', partition: i % PARTITIONS };
    });
    await produce(`${applicationId}.in`, records);
    await filler.runtime.whenProcessed();
    await filler.runtime.close();

    const one = open();
    await one.runtime.start();
    await eventually(() => {
      expect(one.runtime.tasks().some(({ restore }) => restore !== undefined && restore.remaining > 0)).toBe(
        true,
      );
    });
    const two = open();
    await two.runtime.start();
    await eventually(() => {
      expect(two.runtime.tasks()).toHaveLength(1);
    });
    await produce(`${applicationId}.in`, records);
    for (const { runtime } of [one, two, one, two]) await runtime.whenProcessed();
    expect(one.counted()).toEqual(Array.from({ length: KEYS }, () => 2));
    expect(two.counted()).toEqual(Array.from({ length: KEYS }, () => 2));
    await Promise.all([one.runtime.close(), two.runtime.close()]);
  }, 60_000);

  it('from an input that retention has cut begins with what is left, and says so', async () => {
    const applicationId = uniqueName('restore');
    const topic = `${applicationId}.in`;
    const events: RuntimeEvent[] = [];
    const live = async (ids: readonly string[]): Promise<number> => {
      const topics = { in: { partitions: 1 }, out: { partitions: 1 } };
      const runtime = new KafkaRuntime({
        topology: deduplicating(),
        cluster,
        applicationId,
        topicPrefix: `${applicationId}.`,
        topics,
        onEvent: (event) => events.push(event),
      });
      await runtime.start();
      await produce(
        topic,
        ids.map((id) => ({ key: 'k', value: id, partition: 0 })),
      );
      await runtime.whenProcessed();
      const duplicates = runtime.counters()['0_0']?.['duplicate'] ?? 0;
      await runtime.close();
      return duplicates;
    };
    await live(['a', 'b', 'c']);
    await cluster.admin.deleteRecords({ topic, partition: 0 }, 2);
    expect(await live(['b', 'c'])).toBe(1);
    expect(events.filter(({ type }) => type === 'rebuild-shortened')).toEqual([
      { type: 'rebuild-shortened', task: '0_0', topic: 'in', wantedOffset: 0, startOffset: 2 },
    ]);
  });

  it('of an input position that retention has deleted stops the runtime, which names it', async () => {
    const applicationId = uniqueName('restore');
    const topic = `${applicationId}.in`;
    const open = (): KafkaRuntime =>
      new KafkaRuntime({
        topology: counting().topology,
        cluster,
        applicationId,
        topicPrefix: `${applicationId}.`,
        topics: { in: { partitions: 1 } },
      });
    const first = open();
    await first.start();
    await produce(topic, [{ key: 'a', value: '', partition: 0 }]);
    await first.whenProcessed();
    await first.close();
    await produce(
      topic,
      ['b', 'c', 'd'].map((key) => ({ key, value: '', partition: 0 })),
    );
    await cluster.admin.deleteRecords({ topic, partition: 0 }, 3);
    const second = open();
    await second.start();
    await expect(second.whenProcessed()).rejects.toThrow(
      `task 0_0 would go on at ${topic}[0]@1, but the topic holds 3 to 4: retention has deleted what lies between`,
    );
    expect(second.state()).toBe('failed');
    await second.close();
  });
});
