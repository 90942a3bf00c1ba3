import type { TopicPartition } from '@incident-streams/streams/kafka';

/** As people write it, and as maps look it up: `topic[partition]`. */
export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`;
}
