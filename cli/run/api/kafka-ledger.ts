import { committedCounters } from '@incident-streams/streams/kafka';
import type { KafkaCluster, TopicPartition } from '@incident-streams/streams/kafka';
import type { LedgerReader, PartitionLedger } from '../../../connectors/http/index.ts';
import { TOPICS } from '../../../topology/topics.ts';
import { LedgerUnavailableError } from '../../errors.ts';
import { ledgerOf } from '../../pipeline/ledger.ts';
import type { PartitionCounts } from '../topic-setup.ts';

/** Kafka's own retries last longer than anybody waits for an answer. */
const MAX_ANSWER_MS = 10_000;
/** Whoever asks often gets an answer that is so old at most. */
const FRESH_MS = 500;

export interface KafkaLedgerOptions {
  readonly cluster: KafkaCluster;
  readonly applicationId: string;
  readonly topicPrefix: string;
  readonly partitions: PartitionCounts;
  /** Milliseconds that only rise. */
  readonly clock?: () => number;
}

/** The ledger of all partitions, whichever processes run their tasks: as the tasks have committed it. */
export function createKafkaLedger(options: KafkaLedgerOptions): LedgerReader {
  const { clock = () => performance.now() } = options;
  let latest: { readonly askedAtMs: number; readonly answer: Promise<PartitionLedger[]> } | undefined;
  return {
    partitions: () => {
      if (latest === undefined || clock() - latest.askedAtMs > FRESH_MS) {
        const asked = { askedAtMs: clock(), answer: inTime(readLedger(options)) };
        latest = asked;
        // A failure is told to those who wait for it, and to nobody after them.
        asked.answer.catch(() => {
          if (latest === asked) latest = undefined;
        });
      }
      return latest.answer;
    },
  };
}

async function inTime<T>(reading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from Kafka in ${MAX_ANSWER_MS} ms`)), MAX_ANSWER_MS);
  });
  try {
    return await Promise.race([reading, late]);
  } catch (cause) {
    throw new LedgerUnavailableError('Kafka did not tell it in time. Ask again.', { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function readLedger(options: KafkaLedgerOptions): Promise<PartitionLedger[]> {
  const { cluster, applicationId, topicPrefix, partitions } = options;
  const placesOf = (topic: string): TopicPartition[] =>
    Array.from({ length: partitions[topic] ?? 0 }, (_, partition) => ({
      topic: topicPrefix + topic,
      partition,
    }));
  const inputs = [TOPICS.events, TOPICS.inbox];
  const tasks = await committedCounters(cluster, applicationId, inputs.flatMap(placesOf));
  return ledgerOf(tasks, Math.max(...inputs.map((topic) => partitions[topic] ?? 0)));
}
