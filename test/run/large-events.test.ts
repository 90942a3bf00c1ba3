import { expect, it } from 'vitest';
import { NO_HEADERS } from '@incident-streams/streams';
import { KafkaRuntime } from '@incident-streams/streams/kafka';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { setUpTopics } from '../../cli/run/topic-setup.ts';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import { TOPICS } from '../../topology/topics.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { readAll } from '../streams/kafka/run-on-kafka.ts';
import { temporaryDirectory } from '../streams/temporary-directory.ts';
import { event } from '../topology/fixtures.ts';

/** Kafka's default for the largest batch that a topic takes. */
const MAX_BATCH_BYTES = 1_048_588;
/** What a batch of one record without a key has around its value. */
const AROUND_VALUE_BYTES = 76;

/** One that takes so many bytes, or very few less. */
function eventOf(bytes: number, sizeOf: (event: IncidentEvent) => number): IncidentEvent {
  const attributes: Record<string, string> = {};
  const one = event({ time: Date.now(), attributes });
  for (let index = 0; ; index++) {
    const left = bytes - sizeOf(one) - 20;
    if (left <= 0) return one;
    attributes[`a${index}`] = 'x'.repeat(Math.min(left, 60_000));
  }
}

await describeWith(['kafka'], 'events as large as Kafka takes', ({ kafka }) => {
  it('are judged, and what cannot be read is dead-lettered, although both are written with something added', async () => {
    using directory = temporaryDirectory();
    const cluster = connectKafka({ brokers: kafka.split(','), clientId: 'large-events' });
    const applicationId = uniqueName('incidents');
    const prefix = `${applicationId}.`;
    const topics = { prefix, partitions: 1, eventsPartitions: 1, retentionMs: 604_800_000 };
    await setUpTopics(cluster.admin, { topics });
    const serdes = createSerdes(new EmbeddedRegistry());
    const runtime = new KafkaRuntime({
      topology: incidentTopology(loadRules(undefined), serdes).topology,
      cluster,
      applicationId,
      topicPrefix: prefix,
      stateDirectory: directory.path,
    });
    await runtime.start();

    const room = MAX_BATCH_BYTES - AROUND_VALUE_BYTES;
    const large = eventOf(room, (one) => serdes.incidentEvent.serialize(one).length);
    const values = [serdes.incidentEvent.serialize(large), new Uint8Array(room)];
    const producer = await cluster.producer();
    for (const value of values) {
      await producer.send([
        {
          topic: `${prefix}${TOPICS.events}`,
          partition: 0,
          timestamp: Date.now(),
          key: null,
          value,
          headers: NO_HEADERS,
        },
      ]);
    }
    await producer.close();
    await runtime.whenProcessed();
    const recordsOf = (topic: string) => readAll(cluster, { topic: `${prefix}${topic}`, partition: 0 });
    const verdicts = await recordsOf(TOPICS.verdicts);
    const deadLetters = await recordsOf(TOPICS.deadLetters);
    await runtime.close();
    await cluster.close();

    expect(
      verdicts.map(({ value }) => serdes.eventVerdict.deserialize(value ?? new Uint8Array()).event),
    ).toEqual([large]);
    expect(deadLetters.map(({ value }) => value?.length)).toContain(room);
  }, 120_000);
});
