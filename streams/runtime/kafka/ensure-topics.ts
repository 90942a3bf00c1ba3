import { sourcesOf, topicsOf } from '../../graph/topology.ts';
import type { Topology } from '../../graph/topology.ts';
import { KafkaTopicError } from './errors.ts';
import type { KafkaTopicOptions } from './options.ts';
import type { KafkaAdmin, NewTopic, TopicFacts } from './ports.ts';
import { rebuildPlanOf } from './rebuild-plan.ts';
import { planInternalTopics } from './topic-plan.ts';
import type { InternalTopic } from './topic-plan.ts';
import type { TopicNames } from './topic-names.ts';

export interface EnsureTopicsOptions {
  readonly topology: Topology;
  readonly admin: KafkaAdmin;
  readonly names: TopicNames;
  readonly topics: Readonly<Record<string, KafkaTopicOptions>>;
  readonly replicationFactor: number | undefined;
}

/**
 * Creates the topics that are missing and checks those that are there.
 * @returns the number of partitions of each topic that the topology names
 * @throws {KafkaTopicError} when a topic is missing that nobody said how to create, or is not as it has to be
 */
export async function ensureTopics(options: EnsureTopicsOptions): Promise<ReadonlyMap<string, number>> {
  const partitions = await ensureDeclared(options);
  for (const [topic, count] of await ensureInternal(options, partitions)) partitions.set(topic, count);
  await assertRetained(options);
  return partitions;
}

async function ensureDeclared(options: EnsureTopicsOptions): Promise<Map<string, number>> {
  const { topology, admin, names, topics } = options;
  const declared = topicsOf(topology).filter((topic) => !topology.repartitionTopics.has(topic));
  const found = await admin.describeTopics(declared.map((topic) => names.onCluster(topic)));
  const missing = declared.filter((topic) => !found.has(names.onCluster(topic)));
  const unknown = missing.find((topic) => topics[topic] === undefined);
  if (unknown !== undefined) {
    throw new KafkaTopicError(
      `the topic "${names.onCluster(unknown)}" does not exist: create it, or say in \`topics\` how to`,
    );
  }
  for (const topic of declared) {
    const facts = found.get(names.onCluster(topic));
    if (facts !== undefined) assertAsAskedFor(facts, topics[topic] ?? {});
  }
  const partitionsOfNew = (topic: string): number => topics[topic]?.partitions ?? 1;
  await admin.createTopics(
    missing.map((topic) =>
      newTopic(names.onCluster(topic), { partitions: partitionsOfNew(topic), ...topics[topic] }, options),
    ),
  );
  return new Map(
    declared.map((topic) => [topic, found.get(names.onCluster(topic))?.partitions ?? partitionsOfNew(topic)]),
  );
}

async function ensureInternal(
  options: EnsureTopicsOptions,
  partitions: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const { topology, admin, names } = options;
  const planned = planInternalTopics(topology, (topic) => partitions.get(topic));
  const nameOf = ({ kind, name }: InternalTopic): string =>
    kind === 'changelog' ? names.changelogOf(name) : names.onCluster(name);
  const found = await admin.describeTopics(planned.map(nameOf));
  const missing: NewTopic[] = [];
  for (const topic of planned) {
    const facts = found.get(nameOf(topic));
    const wanted = { partitions: topic.partitions, configs: CONFIGS[topic.kind] };
    if (facts === undefined) missing.push(newTopic(nameOf(topic), wanted, options));
    else assertAsAskedFor(facts, wanted);
  }
  await admin.createTopics(missing);
  return new Map(
    planned.filter(({ kind }) => kind === 'repartition').map((topic) => [topic.name, topic.partitions]),
  );
}

/** Stream time may lie ahead of the broker's clock, which refuses more than an hour by default. */
const ANY_TIME = { 'message.timestamp.after.max.ms': '9223372036854775807' };

/** A repartition topic keeps what its readers have not committed; they delete the rest. */
const CONFIGS: Readonly<Record<InternalTopic['kind'], Readonly<Record<string, string>>>> = {
  repartition: { 'cleanup.policy': 'delete', 'retention.ms': '-1', ...ANY_TIME },
  changelog: { 'cleanup.policy': 'compact', ...ANY_TIME },
};

function newTopic(
  name: string,
  wanted: KafkaTopicOptions & { readonly partitions: number },
  { replicationFactor }: EnsureTopicsOptions,
): NewTopic {
  const replicas = wanted.replicationFactor ?? replicationFactor;
  return {
    name,
    partitions: wanted.partitions,
    configs: wanted.configs ?? {},
    ...(replicas === undefined ? {} : { replicationFactor: replicas }),
  };
}

function assertAsAskedFor(facts: TopicFacts, { partitions, configs = {} }: KafkaTopicOptions): void {
  if (partitions !== undefined && partitions !== facts.partitions) {
    throw new KafkaTopicError(
      `the topic "${facts.name}" has ${facts.partitions} partitions, and ${partitions} are needed`,
    );
  }
  const policy = configs['cleanup.policy'];
  if (policy !== undefined && policy !== facts.cleanupPolicy) {
    throw new KafkaTopicError(
      `the topic "${facts.name}" has the clean-up policy "${facts.cleanupPolicy}", and "${policy}" is needed`,
    );
  }
}

/** What a store is rebuilt from must be there for as long as the store remembers. */
async function assertRetained({ topology, admin, names }: EnsureTopicsOptions): Promise<void> {
  for (const subTopology of topology.subTopologies) {
    const plan = rebuildPlanOf(subTopology);
    if (plan === undefined) continue;
    const topics = sourcesOf(plan).map((source) => names.onCluster(source.topic));
    for (const facts of (await admin.describeTopics(topics)).values())
      for (const store of plan.stores) assertReach(facts, store.name, store.reachMs ?? 0);
  }
}

function assertReach(facts: TopicFacts, store: string, reachMs: number): void {
  const { name, cleanupPolicy, retentionMs, retentionBytes } = facts;
  const need = `the store "${store}" is rebuilt from the topic "${name}"`;
  if (cleanupPolicy !== 'delete')
    throw new KafkaTopicError(
      `${need}, whose clean-up policy is "${cleanupPolicy}": "delete" is needed, or a changelog for the store`,
    );
  if (retentionMs >= 0 && retentionMs < reachMs)
    throw new KafkaTopicError(
      `${need}, which keeps records for ${retentionMs} ms: at least ${reachMs} ms are needed, or a changelog for the store`,
    );
  if (retentionBytes >= 0)
    throw new KafkaTopicError(
      `${need}, which keeps ${retentionBytes} bytes of a partition, however short a time that is: ` +
        'set retention.bytes to -1, or give the store a changelog',
    );
}
