import type { LogRecord } from '../../../records/record.ts';
import type { SinkSnapshotLog } from '../../sinks/ports.ts';
import type { KafkaCluster } from '../ports.ts';
import { StretchReader } from '../stretch-reader.ts';

/** A table on a cluster, as a sink is restored from it. */
export class KafkaSnapshotLog implements SinkSnapshotLog {
  readonly #cluster: KafkaCluster;
  readonly #topic: string;

  constructor(cluster: KafkaCluster, topic: string) {
    this.#cluster = cluster;
    this.#topic = topic;
  }

  /**
   * Up to the high watermark, not only to the last stable offset: a transaction whose records the sink has read is
   * committed, but the brokers may still be writing its marker into this partition (KIP-98).
   */
  async *read(partition: number, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const place = { topic: this.#topic, partition };
    const { start, highWatermark } = await this.#cluster.admin.offsetRange(place);
    const reader = new StretchReader(this.#cluster);
    try {
      for await (const { records } of reader.read(place, { from: start, to: highWatermark }, signal))
        yield records;
    } finally {
      await reader.close();
    }
  }
}
