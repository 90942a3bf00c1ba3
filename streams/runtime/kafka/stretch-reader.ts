import type { LogRecord } from '../../records/record.ts';
import { KafkaOffsetError } from './errors.ts';
import type { KafkaCluster, PartitionReader, TopicPartition } from './ports.ts';
import { WakeUp } from './wake-up.ts';

/** Some records of a stretch, and the offset from which the rest goes on. */
export interface StretchPart {
  readonly records: readonly LogRecord[];
  readonly nextOffset: number;
}

/** How long to wait before an abort is looked for again. */
const LOOK_AGAIN_MS = 200;

/** Reads stretches of partitions from one offset to another, for restores: any number of them side by side. */
export class StretchReader {
  readonly #reader: PartitionReader;
  readonly #waiting = new Set<WakeUp>();

  constructor(cluster: KafkaCluster) {
    this.#reader = cluster.reader({
      onArrival: () => {
        for (const wakeUp of this.#waiting) wakeUp.wake();
      },
    });
  }

  /**
   * Everything committed from `from` up to, but not including, `to`; ends early when the signal is given.
   * @throws {KafkaOffsetError} when a part of it does not exist any more
   */
  async *read(
    place: TopicPartition,
    range: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ): AsyncGenerator<StretchPart> {
    if (range.from >= range.to) return;
    const wakeUp = new WakeUp();
    this.#waiting.add(wakeUp);
    this.#reader.read(place, range.from);
    try {
      for (let next = range.from; next < range.to && !signal.aborted;) {
        const arrival = this.#reader.take(place);
        if (arrival === undefined) {
          await wakeUp.wait(LOOK_AGAIN_MS);
          continue;
        }
        if (arrival.type === 'out-of-range')
          throw new KafkaOffsetError(
            `${place.topic}[${place.partition}] has records from ${arrival.startOffset} to ${arrival.endOffset}, and ${next} is needed`,
          );
        const within = arrival.nextOffset <= range.to;
        const records = within ? arrival.records : arrival.records.filter(({ offset }) => offset < range.to);
        next = Math.min(arrival.nextOffset, range.to);
        yield { records, nextOffset: next };
      }
    } finally {
      this.#waiting.delete(wakeUp);
      this.#reader.stop(place);
    }
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }
}
