/** The outside systems that tests may ask for. */
export const SERVICE_NAMES = ['kafka', 'schemaRegistry', 'redis', 'postgres', 'clickhouse'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** A service that answers at `url`, until it is stopped. `kafka` has no scheme: its url is `host:port[,host:port…]`. */
export interface RunningService {
  readonly url: string;
  stop(): Promise<void>;
}

/** What a test is told of a service: where it is, or why there is none. */
export type ServiceAnswer = { readonly url: string } | { readonly missing: string };

/** The environment variable that names a service which already runs. */
export const URL_VARIABLES: Record<ServiceName, string> = {
  kafka: 'KAFKA_BROKERS',
  schemaRegistry: 'SCHEMA_REGISTRY_URL',
  redis: 'REDIS_URL',
  postgres: 'POSTGRES_URL',
  clickhouse: 'CLICKHOUSE_URL',
};
