import type { EachBatchPayload, Kafka } from 'kafkajs';
import type { BenchTopic } from './bench-topics.ts';
import { countAndSumSerde } from './count-and-sum.ts';
import type { CountAndSum } from './count-and-sum.ts';

export interface WindowsRead {
  /** The last value of each window. */
  readonly windows: ReadonlyMap<string, CountAndSum>;
  /** How many records the topic held. */
  readonly records: number;
}

const MARK = 'end';

/**
 * Reads a topic as a reader of committed records sees it. A mark is written to the end of each partition first: what
 * lies before it, and no more, is read.
 */
export async function readWindows(
  kafka: Kafka,
  { name: topic, partitions }: BenchTopic,
): Promise<WindowsRead> {
  await markEnds(kafka, topic, partitions);
  const windows = new Map<string, CountAndSum>();
  const open = new Set(Array.from({ length: partitions }, (_, i) => i));
  let records = 0;
  const consumer = kafka.consumer({ groupId: `${topic}-reader`, readUncommitted: false });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      const eachBatch = ({ batch }: EachBatchPayload): Promise<void> => {
        for (const { key, value } of batch.messages) {
          if (!open.has(batch.partition)) break;
          const window = key?.toString() ?? '';
          if (window === MARK) open.delete(batch.partition);
          else if (value === null) throw new Error(`${topic} has no value for ${window}`);
          else {
            records++;
            windows.set(window, countAndSumSerde.deserialize(value));
          }
        }
        if (open.size === 0) resolve();
        return Promise.resolve();
      };
      consumer.run({ eachBatch }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return { windows, records };
}

async function markEnds(kafka: Kafka, topic: string, partitions: number): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: partitions }, (_, partition) => ({
    key: MARK,
    value: null,
    partition,
  }));
  await producer.send({ topic, messages });
  await producer.disconnect();
}
