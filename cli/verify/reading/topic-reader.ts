import type { LogRecord } from '@incident-streams/streams';
import type { Arrival, KafkaCluster, PartitionReader, TopicPartition } from '@incident-streams/streams/kafka';
import { CannotCheckError } from '../errors.ts';

/** How often it is looked whether reading has come to a standstill. */
const LOOK_AGAIN_MS = 250;

/** Reads stretches of partitions, committed records only, in portions: nothing of a topic is kept. */
export class TopicReader {
  readonly #reader: PartitionReader;
  readonly #stallMs: number;
  #arrived = Promise.withResolvers<void>();

  /** @param stallMs how long nothing may arrive before reading is given up */
  constructor(cluster: KafkaCluster, stallMs: number) {
    this.#stallMs = stallMs;
    this.#reader = cluster.reader({
      onArrival: () => {
        this.#arrived.resolve();
        this.#arrived = Promise.withResolvers();
      },
    });
  }

  /**
   * Every committed record from `from` up to, but not including, `to`. A partition can be read by one at a time.
   * @throws {CannotCheckError} when a part of it has been deleted meanwhile, or the brokers do not answer
   */
  async *read(
    place: TopicPartition,
    { from, to }: { readonly from: number; readonly to: number },
  ): AsyncGenerator<readonly LogRecord[]> {
    if (from >= to) return;
    this.#reader.read(place, from);
    try {
      for (let next = from; next < to;) {
        const arrival = await this.#next(place);
        if (arrival.type === 'out-of-range') throw gone(place, next, arrival);
        next = arrival.nextOffset;
        const records = arrival.records.filter(({ offset }) => offset < to);
        if (records.length > 0) yield records;
      }
    } finally {
      this.#reader.stop(place);
    }
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  async #next(place: TopicPartition): Promise<Arrival> {
    const startedAtMs = performance.now();
    for (;;) {
      const arrived = this.#arrived.promise;
      const arrival = this.#reader.take(place);
      if (arrival !== undefined) return arrival;
      if (performance.now() - startedAtMs > this.#stallMs)
        throw new CannotCheckError(
          `${nameOf(place)}: nothing could be read for ${this.#stallMs} ms: ${this.#reader.failure() ?? 'the brokers do not answer'}`,
        );
      await orAfter(arrived, LOOK_AGAIN_MS);
    }
  }
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`;
}

function gone(
  place: TopicPartition,
  next: number,
  { startOffset, endOffset }: Arrival & { readonly type: 'out-of-range' },
): CannotCheckError {
  return new CannotCheckError(
    `${nameOf(place)}: offset ${next} was to be read, and the topic now holds ${startOffset} to ${endOffset}`,
  );
}

async function orAfter(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
