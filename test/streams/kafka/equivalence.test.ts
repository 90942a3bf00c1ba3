import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KafkaCluster } from '@incident-streams/streams/kafka';
import { describeWith } from '../../services/describe-with.ts';
import { allCases } from '../cases/all-cases.ts';
import { runInTestDriver } from '../runtimes.ts';
import { connectKafka } from '../../../connectors/kafka/index.ts';
import { runOnKafka } from './run-on-kafka.ts';

/** A log of Kafka's holds whole milliseconds only. */
const cases = allCases.filter(({ input }) => input.every(({ timestamp }) => Number.isInteger(timestamp)));

await describeWith(['kafka'], 'the Kafka runtime', ({ kafka }) => {
  let cluster: KafkaCluster;
  beforeAll(() => {
    cluster = connectKafka({ brokers: kafka.split(','), clientId: 'equivalence' });
  });
  afterAll(() => cluster.close());

  it.concurrent.each(cases)('$name', { timeout: 60_000 }, async (streamCase) => {
    expect(await runOnKafka(cluster, streamCase)).toEqual(runInTestDriver(streamCase));
  });
});
