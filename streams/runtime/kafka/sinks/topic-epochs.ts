import { NO_HEADERS } from '../../../records/record.ts';
import type { LogRecord } from '../../../records/record.ts';
import type { KafkaCluster, TopicFacts, TopicPartition } from '../ports.ts';
import { StretchReader } from '../stretch-reader.ts';

export interface TopicEpochsOptions {
  readonly cluster: KafkaCluster;
  readonly applicationId: string;
  readonly replicationFactor?: number | undefined;
  readonly now: () => number;
  readonly until: AbortSignal;
}

interface KnownTopic {
  readonly topic: string;
  readonly epoch: number;
}

/**
 * Since when this application has known a topic. Kafka gives a topic an id by chance (KIP-516) and does not say when
 * it was made, so the time of the first sight is written down in a topic of the application's own, for ever, under the
 * id. Of two processes that see a topic first at the same time the one whose record comes first is right.
 * @returns milliseconds since the epoch, larger than those of earlier topics of that name
 */
export async function epochOf(facts: TopicFacts, options: TopicEpochsOptions): Promise<number> {
  const place = await ensureEpochTopic(options);
  const before = await readKnown(place, options);
  const known = before.get(facts.id);
  if (known !== undefined) return known.epoch;

  const earlier = [...before.values()].filter(({ topic }) => topic === facts.name);
  const epoch = Math.max(options.now(), ...earlier.map((namesake) => namesake.epoch + 1));
  await writeKnown(place, facts, epoch, options.cluster);
  const after = await readKnown(place, options);
  return after.get(facts.id)?.epoch ?? epoch;
}

/** The same without writing anything: undefined where this application has not seen the topic yet. */
export async function knownEpochOf(
  facts: TopicFacts,
  options: Pick<TopicEpochsOptions, 'cluster' | 'applicationId' | 'until'>,
): Promise<number | undefined> {
  const topic = epochTopicOf(options.applicationId);
  if (!(await options.cluster.admin.describeTopics([topic])).has(topic)) return undefined;
  return (await readKnown({ topic, partition: 0 }, options)).get(facts.id)?.epoch;
}

function epochTopicOf(applicationId: string): string {
  return `${applicationId}-sink-topics`;
}

async function ensureEpochTopic(options: TopicEpochsOptions): Promise<TopicPartition> {
  const { cluster, applicationId, replicationFactor } = options;
  const topic = epochTopicOf(applicationId);
  if (!(await cluster.admin.describeTopics([topic])).has(topic)) {
    const configs = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' };
    await cluster.admin.createTopics([
      {
        name: topic,
        partitions: 1,
        configs,
        ...(replicationFactor === undefined ? {} : { replicationFactor }),
      },
    ]);
  }
  return { topic, partition: 0 };
}

/** By topic id, what was written of it first. */
async function readKnown(
  place: TopicPartition,
  { cluster, until }: Pick<TopicEpochsOptions, 'cluster' | 'until'>,
): Promise<ReadonlyMap<string, KnownTopic>> {
  const known = new Map<string, KnownTopic>();
  const { start, end } = await cluster.admin.offsetRange(place);
  const reader = new StretchReader(cluster);
  try {
    for await (const { records } of reader.read(place, { from: start, to: end }, until))
      for (const record of records) remember(known, record);
  } finally {
    await reader.close();
  }
  until.throwIfAborted();
  return known;
}

async function writeKnown(
  place: TopicPartition,
  facts: TopicFacts,
  epoch: number,
  cluster: KafkaCluster,
): Promise<void> {
  const value: KnownTopic = { topic: facts.name, epoch };
  const producer = await cluster.producer();
  try {
    await producer.send([
      {
        ...place,
        key: Buffer.from(facts.id),
        value: Buffer.from(JSON.stringify(value)),
        timestamp: epoch,
        headers: NO_HEADERS,
      },
    ]);
  } finally {
    await producer.close();
  }
}

function remember(known: Map<string, KnownTopic>, { key, value }: LogRecord): void {
  if (key === null || value === null) return;
  const id = Buffer.from(key).toString('utf8');
  if (!known.has(id)) known.set(id, JSON.parse(Buffer.from(value).toString('utf8')) as KnownTopic);
}
