/**
 * Which releases this project runs on. The compose file, the native stack and the tests' containers all follow this
 * list; a test compares them with it.
 */
export const VERSIONS = {
  kafka: '4.3.1',
  schemaRegistry: '2.6.13.Final',
  redis: '7.0.15',
  clickhouse: '26.7',
  postgres: '15.14',
  node: '24.21.0',
} as const;

/** Container images of these releases. */
export const IMAGES = {
  kafka: `apache/kafka:${VERSIONS.kafka}`,
  /** Keeps its schemas in PostgreSQL. */
  schemaRegistry: `apicurio/apicurio-registry-sql:${VERSIONS.schemaRegistry}`,
  /** Forgets its schemas when it stops. */
  schemaRegistryInMemory: `apicurio/apicurio-registry-mem:${VERSIONS.schemaRegistry}`,
  redis: `redis:${VERSIONS.redis}`,
  clickhouse: `clickhouse/clickhouse-server:${VERSIONS.clickhouse}`,
  postgres: `postgres:${VERSIONS.postgres}`,
  node: `node:${VERSIONS.node}-bookworm-slim`,
} as const;
