export type { RunningService } from '../../stack/native/running-service.ts';

/** The outside systems that tests may ask for. */
export const SERVICE_NAMES = ['kafka', 'schemaRegistry', 'redis', 'postgres', 'clickhouse'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

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
