import type { LogRecord } from '@incident-streams/streams';
import type {
  Arrival,
  KafkaCluster,
  PartitionReader,
  ReaderOptions,
  TopicPartition,
} from '@incident-streams/streams/kafka';

/** A reader whose arrivals are taken as they come, and kept. */
export class ReaderProbe {
  readonly reader: PartitionReader;
  readonly arrivals: Arrival[] = [];
  readonly #places: TopicPartition[] = [];
  #wake: () => void = () => undefined;

  constructor(cluster: KafkaCluster, options: Omit<ReaderOptions, 'onArrival'> = {}) {
    this.reader = cluster.reader({ ...options, onArrival: () => this.#takeAll() });
  }

  read(place: TopicPartition, fromOffset: number): void {
    this.#places.push(place);
    this.reader.read(place, fromOffset);
  }

  get records(): readonly LogRecord[] {
    return this.arrivals.flatMap((arrival) => (arrival.type === 'records' ? arrival.records : []));
  }

  get values(): readonly string[] {
    return this.records.map(({ value }) => String(value));
  }

  /** Waits until so many records have been read in all. */
  async untilRecords(count: number): Promise<void> {
    await this.until(() => this.records.length >= count);
  }

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #takeAll(): void {
    for (const place of this.#places) {
      for (let next = this.reader.take(place); next; next = this.reader.take(place)) this.arrivals.push(next);
    }
    this.#wake();
  }
}
