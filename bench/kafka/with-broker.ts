import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '../../stack/native/kafka.ts';

/** Runs `work` against the brokers named in KAFKA_BROKERS, or against one of its own that is removed afterwards. */
export async function withBroker<T>(work: (brokers: string) => Promise<T>): Promise<T> {
  const given = process.env['KAFKA_BROKERS'] ?? '';
  if (given !== '') return work(given);
  const folder = await mkdtemp(join(tmpdir(), 'bench-kafka-'));
  try {
    const broker = await startKafka(folder);
    try {
      return await work(broker.url);
    } finally {
      await broker.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
