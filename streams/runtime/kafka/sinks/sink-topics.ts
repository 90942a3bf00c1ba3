import { KafkaTopicError } from '../errors.ts';
import type { KafkaAdmin, TopicFacts } from '../ports.ts';

/** @throws {KafkaTopicError} when there is no such topic */
export async function describeTopic(admin: KafkaAdmin, topic: string): Promise<TopicFacts> {
  const facts = (await admin.describeTopics([topic])).get(topic);
  if (facts === undefined) throw new KafkaTopicError(`the topic "${topic}" does not exist (yet)`);
  return facts;
}

/** @throws {KafkaTopicError} when the table has other partitions than the sink's topic, or forgets keys that it holds */
export function checkSnapshot(sink: {
  readonly connector: string;
  readonly source: TopicFacts;
  readonly table: TopicFacts;
}): void {
  const { connector, source, table } = sink;
  if (table.partitions !== source.partitions)
    throw new KafkaTopicError(
      `the sink "${connector}" reads "${source.name}" with ${source.partitions} partitions, ` +
        `but its snapshot "${table.name}" has ${table.partitions}`,
    );
  const keepsAll = table.retentionMs === -1 && table.retentionBytes === -1;
  if (!table.cleanupPolicy.includes('compact') && !keepsAll)
    throw new KafkaTopicError(
      `the snapshot "${table.name}" of the sink "${connector}" has cleanup.policy=${table.cleanupPolicy}: ` +
        'it has to be compacted, or to keep everything',
    );
}
