import type { SinkConnector, Topology } from '@incident-streams/streams';
import { KafkaSinks } from '@incident-streams/streams/kafka';
import type {
  KafkaCluster,
  KafkaSinksOptions,
  SinkDeliveryEvent,
  SinkEvent,
} from '@incident-streams/streams/kafka';
import { connectKafka } from '../../../../connectors/kafka/index.ts';
import { uniqueName } from '../../../services/describe-with.ts';
import { copyingToSink } from '../../sinks/recording-sink.ts';
import type { RunOptions, RunningSinks, SinkHost, SinkPlace } from '../../sinks/sink-host.ts';
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
  readonly topology: Topology;

  private constructor(cluster: KafkaCluster, partitions: number, topology: Topology) {
    this.cluster = cluster;
    this.applicationId = uniqueName('sink');
    this.topic = this.onCluster('out');
    this.partitions = partitions;
    this.topology = topology;
  }

  static async make(
    brokers: string,
    partitions: number,
    topology = copyingToSink(),
  ): Promise<KafkaSinkPlace> {
    const place = KafkaSinkPlace.withoutTopic(brokers, partitions, topology);
    await place.createTopic();
    return place;
  }

  static withoutTopic(brokers: string, partitions: number, topology = copyingToSink()): KafkaSinkPlace {
    const cluster = connectKafka({ brokers: [brokers], clientId: 'sink-test' });
    return new KafkaSinkPlace(cluster, partitions, topology);
  }

  async createTopic(): Promise<void> {
    const { partitions } = this;
    const names = [...this.#topics()].map((topic) => this.onCluster(topic));
    await this.cluster.admin.createTopics(names.map((name) => ({ name, partitions, configs: KEEP })));
  }

  onCluster(topic: string): string {
    return `${this.applicationId}.${topic}`;
  }

  async produce(records: readonly InputRecord[]): Promise<void> {
    const producer = await this.cluster.producer();
    try {
      await producer.send(
        records.map((record) => ({
          ...record,
          topic: this.onCluster(record.topic),
          partition: record.partition ?? 0,
        })),
      );
    } finally {
      await producer.close();
    }
  }

  sinks(connector: SinkConnector<string, string>, options: Partial<KafkaSinksOptions> = {}): KafkaSinks {
    return new KafkaSinks({
      topology: this.topology,
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
    { others = {}, onSinkEvent, ...options }: RunOptions & Partial<KafkaSinksOptions> = {},
  ): Promise<void> {
    const hearing = onSinkEvent === undefined ? {} : { onEvent: onlyOfDelivery(onSinkEvent) };
    const sinks = this.sinks(connector, { sinks: { sink: connector, ...others }, ...hearing, ...options });
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

  #topics(): Set<string> {
    const { sinks, deadLetterTopic } = this.topology;
    const topics = sinks.flatMap(({ topic, snapshot }) =>
      snapshot === undefined ? [topic] : [topic, snapshot.topic],
    );
    return new Set(deadLetterTopic === undefined ? topics : [...topics, deadLetterTopic]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.close();
  }
}

/** What only a group can tell is left out. */
function onlyOfDelivery(hear: (event: SinkDeliveryEvent) => void): (event: SinkEvent) => void {
  return (event) => {
    if (isOfDelivery(event)) hear(event);
  };
}

function isOfDelivery(event: SinkEvent): event is SinkDeliveryEvent {
  return ['sink-retrying', 'sink-recovered', 'sink-restoring', 'sink-restored'].includes(event.type);
}

export function kafkaSinkHost(brokers: string): SinkHost {
  return {
    name: 'kafka',
    place: (partitions, topology) => KafkaSinkPlace.make(brokers, partitions, topology),
  };
}
