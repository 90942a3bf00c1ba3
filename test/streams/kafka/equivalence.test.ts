import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KafkaCluster } from '@incident-streams/streams/kafka';
import { describeWith } from '../../services/describe-with.ts';
import { allCases } from '../cases/all-cases.ts';
import { runInTestDriver } from '../runtimes.ts';
import { connectKafka } from '../../../connectors/kafka/index.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
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

  const stateful = cases.filter(({ stores, input }) => stores !== undefined && input.length <= 6);

  it.concurrent.each(stateful)(
    'opened again after every record, over local state: $name',
    { timeout: 120_000 },
    async (streamCase) => {
      using directory = temporaryDirectory();
      const portions = streamCase.input.map((record) => [record]);
      const options = { stateDirectory: directory.path };
      expect(await runOnKafka(cluster, streamCase, { options, portions })).toEqual(
        runInTestDriver(streamCase),
      );
    },
  );

  it.concurrent.each(stateful)(
    'at least once, undisturbed: $name',
    { timeout: 60_000 },
    async (streamCase) => {
      const options = { guarantee: 'at-least-once' as const };
      expect(await runOnKafka(cluster, streamCase, { options })).toEqual(runInTestDriver(streamCase));
    },
  );
});
