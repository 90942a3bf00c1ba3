import { expect, it } from 'vitest';
import { NO_HEADERS } from '@incident-streams/streams';
import { KafkaRuntime } from '@incident-streams/streams/kafka';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { setUpTopics } from '../../cli/run/topic-setup.ts';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import { TOPICS } from '../../topology/topics.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { readAll } from '../streams/kafka/run-on-kafka.ts';
import { temporaryDirectory } from '../streams/temporary-directory.ts';
import { event } from '../topology/fixtures.ts';

const HOUR_MS = 3_600_000;

await describeWith(['kafka'], 'events that are ahead of the brokers', ({ kafka }) => {
  /** Brokers refuse times that are more than an hour ahead of theirs, unless a topic says otherwise. */
  it('are judged by the rules alone, and their verdicts are written under their own time', async () => {
    using directory = temporaryDirectory();
    const cluster = connectKafka({ brokers: kafka.split(','), clientId: 'events-ahead' });
    const applicationId = uniqueName('incidents');
    const prefix = `${applicationId}.`;
    const topics = { prefix, partitions: 1, eventsPartitions: 1, retentionMs: 604_800_000 };
    await setUpTopics(cluster.admin, { topics });
    const serdes = createSerdes(new EmbeddedRegistry());
    const rules = loadRules(undefined);
    const patient = { ...rules, limits: { ...rules.limits, maxAheadMs: 4 * HOUR_MS } };
    const runtime = new KafkaRuntime({
      topology: incidentTopology(patient, serdes).topology,
      cluster,
      applicationId,
      topicPrefix: prefix,
      stateDirectory: directory.path,
    });
    await runtime.start();
    const ahead = event({ time: Date.now() + 3 * HOUR_MS });
    const producer = await cluster.producer();
    await producer.send([
      {
        topic: `${prefix}${TOPICS.events}`,
        partition: 0,
        timestamp: Date.now(),
        key: null,
        value: serdes.incidentEvent.serialize(ahead),
        headers: NO_HEADERS,
      },
    ]);
    await producer.close();
    await runtime.whenProcessed();
    const verdicts = await readAll(cluster, { topic: `${prefix}${TOPICS.verdicts}`, partition: 0 });
    await runtime.close();
    await cluster.close();

    expect(verdicts.map(({ timestamp }) => timestamp)).toEqual([ahead.time]);
    const [verdict] = verdicts.map(({ value }) => serdes.eventVerdict.deserialize(value ?? new Uint8Array()));
    expect(verdict?.outcome).toBe('APPLIED');
  }, 120_000);
});
