import { KafkaTopicError } from '@incident-streams/streams/kafka';
import type { KafkaAdmin, NewTopic, TopicFacts } from '@incident-streams/streams/kafka';
import { TOPICS } from '../../topology/topics.ts';
import type { RunConfig } from './config/config-schema.ts';

/**
 * Twice what Kafka takes by default: what the pipeline makes of the largest event (with its verdict, or with the reason why it
 * is dead) is larger than that event, and must not be refused.
 */
const MAX_DERIVED_BYTES = 2_097_152;

/**
 * How far ahead an event may be is for the rules to say (`limits.maxAheadMs`). What follows from it has its time, and brokers
 * refuse by default what is more than an hour ahead of them (KIP-937): one such event would stop the pipeline.
 */
const DERIVED: Readonly<Record<string, string>> = {
  'max.message.bytes': String(MAX_DERIVED_BYTES),
  'message.timestamp.after.max.ms': '9223372036854775807',
};

type TopicConfig = Pick<RunConfig, 'topics'>;

/** The number of partitions of each topic, by the name that the topology gives it. */
export type PartitionCounts = Readonly<Record<string, number>>;

/**
 * Creates the pipeline's topics that are missing. Those that exist are taken as they are, except where the pipeline
 * could not work with them.
 * @throws {KafkaTopicError} for one that cannot be used
 */
export async function setUpTopics(admin: KafkaAdmin, config: TopicConfig): Promise<PartitionCounts> {
  const names = Object.values(TOPICS);
  const onCluster = (topic: string): string => config.topics.prefix + topic;
  const found = await admin.describeTopics(names.map(onCluster));
  for (const facts of found.values()) refuseUnusable(facts, config);
  const missing = names.filter((topic) => !found.has(onCluster(topic)));
  await admin.createTopics(missing.map((topic) => newTopic(topic, config)));
  return Object.fromEntries(
    names.map((topic) => [topic, found.get(onCluster(topic))?.partitions ?? partitionsOf(topic, config)]),
  );
}

function newTopic(topic: string, config: TopicConfig): NewTopic {
  const { prefix, replicationFactor, retentionMs } = config.topics;
  const deleted = {
    'cleanup.policy': 'delete',
    'retention.ms': String(retentionMs),
    'retention.bytes': '-1',
  };
  return {
    name: prefix + topic,
    partitions: partitionsOf(topic, config),
    configs: {
      ...(topic === TOPICS.state ? { 'cleanup.policy': 'compact' } : deleted),
      ...(topic === TOPICS.events ? FROM_OUTSIDE : DERIVED),
    },
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
  };
}

function partitionsOf(topic: string, { topics }: TopicConfig): number {
  return topic === TOPICS.events ? topics.eventsPartitions : topics.partitions;
}

/** How far ahead an event may be is measured from when it was received: the brokers know that, not the senders. */
const FROM_OUTSIDE: Readonly<Record<string, string>> = { 'message.timestamp.type': 'LogAppendTime' };

/** What it holds is the latest of each key, and has to stay. Other topics are checked by the runtime. */
function refuseUnusable({ name, cleanupPolicy }: TopicFacts, { topics }: TopicConfig): void {
  if (name !== topics.prefix + TOPICS.state || cleanupPolicy === 'compact') return;
  throw new KafkaTopicError(
    `the topic "${name}" has the clean-up policy "${cleanupPolicy}", and "compact" is needed`,
  );
}
