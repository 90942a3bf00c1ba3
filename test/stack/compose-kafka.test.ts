import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { freePort } from '../../stack/native/free-port.ts';
import { startKafka } from '../../stack/native/kafka.ts';
import { describeWith } from '../services/describe-with.ts';
import { createTopic } from '../services/kafka/create-topic.ts';
import { serviceOf } from './compose-file.ts';

/** What the image makes of its variables: `KAFKA_NODE_ID` becomes `node.id`. */
function brokerSettings(environment: Readonly<Record<string, string>>): Record<string, string> {
  const settings = Object.entries(environment).filter(([name]) => name !== 'KAFKA_HEAP_OPTS');
  return Object.fromEntries(
    settings.map(([name, value]) => [
      name
        .replace(/^KAFKA_/, '')
        .toLowerCase()
        .replaceAll('_', '.'),
      String(value),
    ]),
  );
}

/** For Java and Kafka's jars; the broker is its own. */
await describeWith(['kafka'], "the compose file's Kafka", () => {
  test(
    'runs on its settings, with only hosts, ports and the folder changed',
    { timeout: 120_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'compose-kafka-'));
      const [host, inside, controller] = [await freePort(), await freePort(), await freePort()];
      const ports: Readonly<Record<string, number>> = { 9092: host, 29092: inside, 9093: controller };
      const moved = (text: string): string =>
        text.replace(
          /(\/\/|@)[\w.]*:(\d+)/g,
          (_all, before: string, port: string) => `${before}127.0.0.1:${ports[port] ?? 0}`,
        );
      const settings = brokerSettings(serviceOf('kafka').environment ?? {});
      for (const name of ['listeners', 'advertised.listeners', 'controller.quorum.voters'])
        settings[name] = moved(settings[name] ?? '');
      settings['log.dirs'] = join(folder, '1', 'data');
      const broker = await startKafka(folder, { port: host, settings });
      try {
        const admin = new Kafka({ brokers: [`127.0.0.1:${host}`], logLevel: logLevel.NOTHING }).admin();
        await admin.connect();
        await createTopic(admin, 'made-from-outside');

        const { brokers } = await admin.describeCluster();
        expect(brokers).toEqual([{ nodeId: 1, host: '127.0.0.1', port: host }]);
        await admin.disconnect();
      } finally {
        await broker.stop();
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
