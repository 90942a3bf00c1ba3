import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaCluster as Client, PlainProducer } from '@incident-streams/streams/kafka';
import { afterEach, expect, test } from 'vitest';
import { BrokerRequests } from '../../connectors/kafka/broker-requests.ts';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { startKafkaCluster } from '../../stack/native/kafka-cluster.ts';
import type { KafkaCluster } from '../../stack/native/kafka-cluster.ts';
import { describeWith } from '../services/describe-with.ts';
import { removeFolder } from '../services/run-folder.ts';
import { ReaderProbe } from './reader-probe.ts';

const TOPIC = 'numbers';

await describeWith(['kafka'], 'a reader whose brokers go and come', () => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function start(
    brokers: number,
  ): Promise<{ readonly servers: KafkaCluster; readonly client: Client }> {
    const folder = await mkdtemp(join(tmpdir(), 'reader-brokers-'));
    cleanUps.push(() => removeFolder(folder));
    const servers = await startKafkaCluster({ brokers, folder });
    cleanUps.push(() => servers.stop());
    const client = connectKafka({ brokers: servers.url.split(','), clientId: 'reader-test' });
    cleanUps.push(() => client.close());
    return { servers, client };
  }

  /** Sends 0, 1, 2, … to every partition until it is told to end; then says how many. */
  async function count(producer: PlainProducer, partitions: number, until: AbortSignal): Promise<number> {
    for (let number = 0; ; number += 1) {
      if (until.aborted) return number;
      const record = {
        topic: TOPIC,
        timestamp: 0,
        key: null,
        value: Buffer.from(String(number)),
        headers: [],
      };
      await producer.send(Array.from({ length: partitions }, (_, partition) => ({ ...record, partition })));
      await sleep(20);
    }
  }

  test(
    'goes on at the new leader: nothing twice, nothing left out, in order',
    { timeout: 240_000 },
    async () => {
      const { servers, client } = await start(3);
      const places = [0, 1, 2].map((partition) => ({ topic: TOPIC, partition }));
      await client.admin.createTopics([{ name: TOPIC, partitions: 3, configs: {} }]);
      const probe = new ReaderProbe(client);
      for (const place of places) probe.read(place, 0);
      const end = new AbortController();
      const counting = count(await client.producer(), places.length, end.signal);
      const more = async (): Promise<void> => probe.untilRecords(probe.records.length + 90);

      await more();
      const killed = await leaderOf(servers);
      await killed.kill();
      await more();
      await killed.start();
      await more();
      await (await leaderOf(servers)).stop();
      await more();
      end.abort();
      const sent = await counting;
      await probe.untilRecords(sent * places.length);

      for (const { partition } of places) {
        const read = probe.records.filter((record) => record.partition === partition);
        expect(read.map(({ value }) => Number(String(value)))).toEqual(
          Array.from({ length: sent }, (_, index) => index),
        );
      }
      expect(probe.reader.failure()).toBeUndefined();
    },
  );

  test('says so while there is none, and goes on when it is back', { timeout: 120_000 }, async () => {
    const { servers, client } = await start(1);
    await client.admin.createTopics([{ name: TOPIC, partitions: 1, configs: {} }]);
    const probe = new ReaderProbe(client);
    probe.read({ topic: TOPIC, partition: 0 }, 0);
    const end = new AbortController();
    const counting = count(await client.producer(), 1, end.signal);
    await probe.untilRecords(20);

    await servers.brokers[0]?.kill();
    await expect.poll(() => probe.reader.failure(), { timeout: 50_000 }).toMatch(/^numbers\[0\]: /);
    await servers.brokers[0]?.start();
    await probe.untilRecords(probe.records.length + 20);
    expect(probe.reader.failure()).toBeUndefined();
    end.abort();
    const sent = await counting;
    await probe.untilRecords(sent);
    expect(probe.values).toEqual(Array.from({ length: sent }, (_, index) => String(index)));
  });

  async function leaderOf(servers: KafkaCluster): Promise<KafkaCluster['brokers'][number]> {
    const requests = new BrokerRequests({ brokers: servers.url.split(','), clientId: 'leader' });
    const { nodeId } = await requests.leader({ topic: TOPIC, partition: 0 });
    await requests.close();
    return servers.brokers.find((broker) => broker.nodeId === nodeId)!;
  }
});
