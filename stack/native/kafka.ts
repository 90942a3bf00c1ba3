import { startKafkaCluster } from './kafka-cluster.ts';
import type { RunningService } from './running-service.ts';

export interface KafkaOptions {
  /** For clients, on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** More settings of server.properties; they win over those made here. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** One Apache Kafka broker that is its own controller. Topics have to be created, none appears by itself. */
export function startKafka(
  folder: string,
  { port, settings = {} }: KafkaOptions = {},
): Promise<RunningService> {
  return startKafkaCluster({
    brokers: 1,
    folder,
    ...(port === undefined ? {} : { ports: [port] }),
    settings,
  });
}
