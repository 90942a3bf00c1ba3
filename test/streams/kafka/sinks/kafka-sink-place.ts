import type { SinkConnector } from '@incident-streams/streams';
import { KafkaSinks } from '@incident-streams/streams/kafka';
import type { KafkaCluster, KafkaSinksOptions } from '@incident-streams/streams/kafka';
import { connectKafka } from '../../../../connectors/kafka/index.ts';
import { uniqueName } from '../../../services/describe-with.ts';
import { copyingToSink } from '../../sinks/recording-sink.ts';
import type { RunningSinks, SinkHost, SinkPlace } from '../../sinks/sink-host.ts';
import type { InputRecord } from '../../stream-case.ts';

/** Records of 1970 stay: retention goes by their time. */
const KEEP = { 'retention.ms': '-1' };

/** A topic `out` on a broker, under a name of its own, with a consumer group of its own. */
export class KafkaSinkPlace implements SinkPlace {
  readonly cluster: KafkaCluster;
  readonly applicationId: string;
  /** The name of `out` on the cluster. */
  readonly topic: string;
  readonly partitions: number;

  private constructor(cluster: KafkaCluster, partitions: number) {
    this.cluster = cluster;
    this.applicationId = uniqueName('sink');
    this.topic = `${this.applicationId}.out`;
    this.partitions = partitions;
  }

  static async make(brokers: string, partitions: number): Promise<KafkaSinkPlace> {
    const place = KafkaSinkPlace.withoutTopic(brokers, partitions);
    await place.createTopic();
    return place;
  }

  static withoutTopic(brokers: string, partitions: number): KafkaSinkPlace {
    return new KafkaSinkPlace(connectKafka({ brokers: [brokers], clientId: 'sink-test' }), partitions);
  }

  async createTopic(): Promise<void> {
    const { topic: name, partitions } = this;
    await this.cluster.admin.createTopics([{ name, partitions, configs: KEEP }]);
  }

  async produce(records: readonly InputRecord[]): Promise<void> {
    const producer = await this.cluster.producer();
    try {
      await producer.send(
        records.map((record) => ({ ...record, topic: this.topic, partition: record.partition ?? 0 })),
      );
    } finally {
      await producer.close();
    }
  }

  sinks(connector: SinkConnector<string, string>, options: Partial<KafkaSinksOptions> = {}): KafkaSinks {
    return new KafkaSinks({
      topology: copyingToSink(),
      cluster: this.cluster,
      applicationId: this.applicationId,
      topicPrefix: `${this.applicationId}.`,
      sinks: { sink: connector },
      heartbeatIntervalMs: 200,
      ...options,
    });
  }

  async run(
    connector: SinkConnector<string, string>,
    use: (sinks: RunningSinks) => Promise<void>,
    options: Partial<KafkaSinksOptions> = {},
  ): Promise<void> {
    const sinks = this.sinks(connector, options);
    sinks.start();
    try {
      await use({
        produce: (records) => this.produce(records),
        status: () => sinks.status(),
        whenCaughtUp: () => sinks.whenCaughtUp(),
      });
    } finally {
      await sinks.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.close();
  }
}

export function kafkaSinkHost(brokers: string): SinkHost {
  return { name: 'kafka', place: (partitions) => KafkaSinkPlace.make(brokers, partitions) };
}
