import type { Kafka } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
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
 * what it writes twice then is in the inbox twice: the check goes by what is in the inbox.
 */
export async function feed({ kafka, topic, events, overMs = 0 }: FeedOptions): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  try {
    const startedAt = Date.now();
    for (let from = 0; from < events.length; from += CHUNK) {
      const messages = events.slice(from, from + CHUNK).map((event) => ({
        key: event.key,
        value: JSON.stringify(event),
        timestamp: String(event.at),
      }));
      await untilSent(() => producer.send({ topic, messages }));
      const dueAt = startedAt + ((from + CHUNK) / events.length) * overMs;
      if (dueAt > Date.now()) await sleep(dueAt - Date.now());
    }
  } finally {
    await producer.disconnect();
  }
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
