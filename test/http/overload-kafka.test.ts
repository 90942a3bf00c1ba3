import { expect, onTestFinished, test } from 'vitest';
import type { KafkaCluster, PlainProducer } from '@incident-streams/streams/kafka';
import { createIngestPorts } from '../../cli/run/api/ingest-ports.ts';
import { InboxRoom } from '../../cli/run/inbox-room.ts';
import { InboxWriter } from '../../cli/run/inbox-writer.ts';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { ReaderProbe } from '../kafka/reader-probe.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { flood } from './flood-events.ts';
import { runServer } from './running-server.ts';

const RATE = { perSecond: 1_000_000, burst: 1_000_000 };
const PARTITIONS = 2;
const registry = Object.assign(new EmbeddedRegistry(), { beforeDecode: () => undefined });
const serdes = createSerdes(registry);

/** A cluster whose answers are held back until they are let go: slow, as seen by whoever writes to it. */
async function heldProducer(cluster: KafkaCluster): Promise<{ producer: PlainProducer; letGo: () => void }> {
  const real = await cluster.producer();
  onTestFinished(() => real.close());
  const { promise: released, resolve: letGo } = Promise.withResolvers<undefined>();
  const producer: PlainProducer = {
    send: async (records) => {
      const written = await real.send(records);
      await released;
      return written;
    },
    close: () => real.close(),
  };
  return { producer, letGo: () => letGo(undefined) };
}

await describeWith(['kafka'], 'more events than Kafka takes', ({ kafka }) => {
  test(
    'are refused with Retry-After while others wait; each that was answered 202 is in the topic, where it was said to be',
    { timeout: 240_000 },
    async () => {
      const cluster = connectKafka({ brokers: [kafka], clientId: 'overload-test' });
      onTestFinished(() => cluster.close());
      const topic = uniqueName('inbox');
      await cluster.admin.createTopics([{ name: topic, partitions: PARTITIONS, configs: {} }]);
      const { producer, letGo } = await heldProducer(cluster);
      const inbox = new InboxWriter({
        producer,
        serdes,
        topic,
        partitions: PARTITIONS,
        room: new InboxRoom({ maxInFlightEvents: 100, maxInFlightBytes: 1_000_000 }),
      });
      const { events } = createIngestPorts({ inbox, registry });
      const server = await runServer({ rate: RATE }, (ports) => ({ ...ports, events }));

      const { accepted } = await flood(server.url, { clients: 8, eventsPerPost: 30, onRefused: letGo });

      const stored = await readAll(cluster, topic);
      for (const [id, { partition, offset }] of accepted)
        expect(stored.get(`${partition}/${offset}`)).toBe(id);
      expect(stored.size).toBe(accepted.size);
    },
  );
});

test('room is bounded by events and by bytes, freed by failures too, and never too small for what comes alone', async () => {
  const room = new InboxRoom({ maxInFlightEvents: 10, maxInFlightBytes: 1_000 });
  const { promise, reject } = Promise.withResolvers<never>();
  const failing = room.hold({ events: 9, bytes: 900 }, () => promise);
  const one = { events: 1, bytes: 10 };
  await room.hold(one, () => Promise.resolve());
  for (const load of [
    { events: 2, bytes: 10 },
    { events: 1, bytes: 101 },
  ]) {
    const work = (): Promise<never> => Promise.reject(new Error('begun'));
    await expect(room.hold(load, work)).rejects.toMatchObject({ code: 'HTTP_INGEST_OVERLOADED' });
  }
  reject(new Error('away'));
  await expect(failing).rejects.toThrow('away');
  expect(await room.hold({ events: 1_000, bytes: 10_000 }, () => Promise.resolve('taken'))).toBe('taken');
});

/** The ids of the events that lie in the topic, by `partition/offset`. */
async function readAll(cluster: KafkaCluster, topic: string): Promise<Map<string, string>> {
  const probe = new ReaderProbe(cluster);
  onTestFinished(() => probe.reader.close());
  let end = 0;
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    end += (await cluster.admin.offsetRange({ topic, partition })).end;
    probe.read({ topic, partition }, 0);
  }
  await probe.untilRecords(end);
  return new Map(
    probe.records.map(({ partition, offset, value }) => {
      const entry = serdes.inboxEntry.deserialize(value as Uint8Array);
      return [`${partition}/${offset}`, entry.type === 'event' ? entry.event.id : entry.type];
    }),
  );
}
