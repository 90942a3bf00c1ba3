import { KafkaRuntime } from '@incident-streams/streams/kafka';
import { Kafka, logLevel } from 'kafkajs';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { schemaSubjects } from '../../cli/run/schema-subjects.ts';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import { TOPICS } from '../../topology/topics.ts';
import { createTopic } from '../services/kafka/create-topic.ts';

export interface PipelineUnderTest {
  /** What the cluster calls a topic of the pipeline. */
  topicOf(topic: string): string;
  /** Waits until everything that is in the topics has been processed, then sums what the tasks have counted. */
  counted(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

const PARTITIONS = 3;

/** The incident topology on a real broker and registry, with topics of its own. */
export async function startIncidentPipeline(options: {
  readonly brokers: string;
  readonly registry: string;
  /** Begins the names of its topics. */
  readonly name: string;
}): Promise<PipelineUnderTest> {
  const { name } = options;
  const brokers = options.brokers.split(',');
  const topicPrefix = `${name}.`;
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  for (const topic of Object.values(TOPICS)) {
    const configs: Record<string, string> = topic === TOPICS.state ? { 'cleanup.policy': 'compact' } : {};
    await createTopic(admin, topicPrefix + topic, { partitions: PARTITIONS, configs });
  }
  await admin.disconnect();

  const registry = await openConfluentRegistry({
    url: options.registry,
    subjects: schemaSubjects(topicPrefix),
  });
  const cluster = connectKafka({ brokers, clientId: name });
  const runtime = new KafkaRuntime({
    topology: incidentTopology(loadRules(undefined), createSerdes(registry)).topology,
    ...{ cluster, applicationId: name, topicPrefix },
    beforeDecode: registry.beforeDecode,
  });
  await runtime.start();
  return {
    topicOf: (topic) => topicPrefix + topic,
    counted: async () => {
      await runtime.whenProcessed();
      const sums: Record<string, number> = {};
      for (const counters of Object.values(runtime.counters()))
        for (const [counter, count] of Object.entries(counters)) sums[counter] = (sums[counter] ?? 0) + count;
      return sums;
    },
    close: async () => {
      await runtime.close();
      await cluster.close();
      registry.close();
    },
  };
}
