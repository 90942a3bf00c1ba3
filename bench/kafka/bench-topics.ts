import type { Admin, Kafka } from 'kafkajs';
import { partitionForKey } from '@incident-streams/streams';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { loadChunks } from '../load.ts';
import type { Load } from '../load.ts';

const LEADERS_MS = 30_000;

export interface BenchTopic {
  readonly name: string;
  readonly partitions: number;
}

/** Creates a topic and waits until every partition has its leader. */
export async function createTopic(admin: Admin, { name, partitions }: BenchTopic): Promise<void> {
  await admin.createTopics({ topics: [{ topic: name, numPartitions: partitions }], waitForLeaders: false });
  const startedAt = performance.now();
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
      const known = topics[0]?.partitions ?? [];
      if (known.length === partitions && known.every(({ leader }) => leader >= 0)) return;
    } catch (error) {
      // The broker may hear of a topic a moment after its controller has made it.
      if (performance.now() - startedAt > LEADERS_MS) throw error;
    }
    await sleep(20);
  }
}

/** Creates the input topic and writes the load into it, each event into the partition of its key. */
export async function fillInput(kafka: Kafka, admin: Admin, load: Load, input: BenchTopic): Promise<void> {
  await createTopic(admin, input);
  const producer = kafka.producer();
  await producer.connect();
  const serde = createSerdes(new EmbeddedRegistry()).incidentEvent;
  try {
    for (const chunk of loadChunks(input.name, serde, load)) {
      const messages = chunk.map(({ key, value, timestamp }) => ({
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        partition: key === null ? 0 : partitionForKey(key, input.partitions),
        timestamp: String(timestamp),
      }));
      await producer.send({ topic: input.name, messages });
    }
  } finally {
    await producer.disconnect();
  }
}

/** Waits until the group's committed offsets are the topic's end. @param check called now and then; throws to give up. */
export async function whenCommitted(
  admin: Admin,
  group: { readonly groupId: string; readonly topic: string; readonly pollMs: number },
  check: () => void,
): Promise<void> {
  const { groupId, topic, pollMs } = group;
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]),
  );
  for (;;) {
    check();
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const reached = (committed?.partitions ?? []).filter(
      ({ partition, offset }) => Number(offset) >= (ends.get(partition) ?? Infinity),
    );
    if (reached.length === ends.size) return;
    await sleep(pollMs);
  }
}

/** Deletes what a run has left on the broker: the topics whose names begin with the prefix. */
export async function deleteTopics(admin: Admin, prefix: string): Promise<void> {
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
}
