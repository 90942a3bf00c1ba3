import type { KafkaCluster, TopicPartition } from '@incident-streams/streams/kafka';
import type { LogRecord } from '@incident-streams/streams';
import { decodeAlertPosition, encodeAlertPosition } from '../../../connectors/http/index.ts';
import type { AlertFeed, PlacedAlert } from '../../../connectors/http/index.ts';
import { alertOf } from '../../../schemas/alert.ts';
import type { Alert } from '../../../schemas/alert.ts';
import type { Serdes } from '../../../schemas/serdes.ts';
import type { Log } from '../log.ts';

export interface KafkaAlertFeedOptions {
  readonly cluster: KafkaCluster;
  /** The transitions topic's name on the cluster. */
  readonly topic: string;
  readonly partitions: number;
  readonly serdes: Serdes;
  readonly beforeDecode: (records: readonly LogRecord[]) => Promise<void> | undefined;
  readonly log: Log;
}

/** The alerts straight from the transitions topic, each subscriber with a reader of its own. */
export function createKafkaAlertFeed(options: KafkaAlertFeedOptions): AlertFeed {
  const { cluster, topic, partitions } = options;
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  return {
    position: async () => {
      const ranges = await Promise.all(places.map((place) => cluster.admin.offsetRange(place)));
      return encodeAlertPosition(ranges.map(({ end }) => end));
    },
    open: (after, onAlert) => {
      const subscription = new Subscription(options, places, onAlert);
      subscription.start(decodeAlertPosition(after, partitions));
      return () => subscription.end();
    },
  };
}

class Subscription {
  readonly #options: KafkaAlertFeedOptions;
  readonly #places: readonly TopicPartition[];
  readonly #onAlert: (placed: PlacedAlert) => void;
  readonly #nextOffsets: number[] = [];
  readonly #reader;
  #draining = false;
  #arrived = false;
  #ended = false;

  constructor(
    options: KafkaAlertFeedOptions,
    places: readonly TopicPartition[],
    onAlert: (placed: PlacedAlert) => void,
  ) {
    this.#options = options;
    this.#places = places;
    this.#onAlert = onAlert;
    this.#reader = options.cluster.reader({ onArrival: () => void this.#drain() });
  }

  start(from: readonly number[]): void {
    this.#nextOffsets.push(...from);
    for (const place of this.#places) this.#reader.read(place, from[place.partition] ?? 0);
  }

  end(): void {
    this.#ended = true;
    void this.#reader.close();
  }

  async #drain(): Promise<void> {
    this.#arrived = true;
    if (this.#draining) return;
    this.#draining = true;
    while (this.#arrived && !this.#ended) {
      this.#arrived = false;
      for (const place of this.#places) await this.#takeFrom(place);
      // What has been handed over can be sent before more is read.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#draining = false;
  }

  async #takeFrom(place: TopicPartition): Promise<void> {
    const arrival = this.#reader.take(place);
    if (arrival === undefined) return;
    this.#arrived = true;
    if (arrival.type === 'out-of-range') {
      this.#goOn(place, arrival);
      return;
    }
    await this.#options.beforeDecode(arrival.records);
    for (const record of arrival.records) this.#deliver(record);
    this.#nextOffsets[place.partition] = arrival.nextOffset;
  }

  #deliver(record: LogRecord): void {
    this.#nextOffsets[record.partition] = record.offset + 1;
    if (record.value === null || this.#ended) return;
    const alert = this.#alertIn(record, record.value);
    if (alert !== null) this.#onAlert({ position: encodeAlertPosition(this.#nextOffsets), alert });
  }

  #alertIn({ topic, partition, offset }: LogRecord, value: Uint8Array): Alert | null {
    try {
      return alertOf(this.#options.serdes.incidentTransition.deserialize(value));
    } catch (error) {
      this.#options.log.warn({ err: error, topic, partition, offset }, 'no transition that can be read');
      return null;
    }
  }

  /** At the oldest record that is left; where the topic has begun anew, with what comes next. */
  #goOn(place: TopicPartition, range: { readonly startOffset: number; readonly endOffset: number }): void {
    const asked = this.#nextOffsets[place.partition] ?? 0;
    const next = asked < range.startOffset ? range.startOffset : range.endOffset;
    this.#options.log.warn({ ...place, asked, next }, 'alerts at this position are gone: going on later');
    this.#nextOffsets[place.partition] = next;
    this.#reader.read(place, next);
  }
}
