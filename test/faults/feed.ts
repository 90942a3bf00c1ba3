import type { Kafka, Message } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WORKLOAD } from './workload.ts';
import type { FaultEvent } from './workload.ts';

export interface FeedOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly events: readonly FaultEvent[];
  /** How long the feed should take: events are spread over it. Default: as fast as it goes. */
  readonly overMs?: number;
}

const CHUNK = 2_000;
const AGAIN_AFTER_MS = 250;

/**
 * Writes events to the inbox with a client that nobody here wrote. While the brokers are away it tries again for ever;
 * what it writes twice then is in the inbox twice: the check goes by what is in the inbox. One request a partition,
 * since this client forgets a part of a request where its leader changes while it is sent again.
 */
export async function feed({ kafka, topic, events, overMs = 0 }: FeedOptions): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  try {
    const startedAt = Date.now();
    for (let from = 0; from < events.length; from += CHUNK) {
      const chunk = Map.groupBy(events.slice(from, from + CHUNK), partitionOf);
      const sending = [...chunk].map(([partition, part]) =>
        untilSent(() => producer.send({ topic, messages: part.map((event) => messageOf(event, partition)) })),
      );
      await Promise.all(sending);
      const dueAt = startedAt + ((from + CHUNK) / events.length) * overMs;
      if (dueAt > Date.now()) await sleep(dueAt - Date.now());
    }
  } finally {
    await producer.disconnect();
  }
}

/** Any will do, as long as a key stays in one. */
function partitionOf({ key }: FaultEvent): number {
  return Number(key.slice(key.lastIndexOf('-') + 1)) % WORKLOAD.partitions;
}

function messageOf(event: FaultEvent, partition: number): Message {
  return { key: event.key, value: JSON.stringify(event), timestamp: String(event.at), partition };
}

async function untilSent(send: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await send();
      return;
    } catch {
      await sleep(AGAIN_AFTER_MS);
    }
  }
}
