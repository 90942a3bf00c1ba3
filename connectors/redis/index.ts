export type { AlertFilter } from './alerts/alert-filter.ts';
export type { AlertGap, AlertStatus } from './alerts/alert-status.ts';
export type {
  AlertDelivery,
  AlertSubscription,
  SubscribeAlertsOptions,
} from './alerts/alert-subscription.ts';
export { handleAlerts } from './alerts/handle-alerts.ts';
export type { AlertPositionStore, HandleAlertsOptions } from './alerts/handle-alerts.ts';
export { subscribeAlerts } from './alerts/subscribe-alerts.ts';
export { createRedisIncidentReader } from './incident-reader.ts';
export type {
  KeptIncidents,
  OpenIncidentsQuery,
  RedisIncidentReader,
  RedisIncidentReaderOptions,
} from './incident-reader.ts';
export { readRedisPipeline } from './pipeline-name.ts';
export type { RedisPipelineOptions } from './pipeline-name.ts';
export { rebuildRedis } from './rebuild-redis.ts';
export type {
  PartitionRebuild,
  RedisRebuildOptions,
  RedisOwner,
  RedisRebuildResult,
} from './rebuild-redis.ts';
export type { RedisAlert } from './redis-alert.ts';
export {
  RedisCommandError,
  RedisDataLostError,
  RedisForbiddenError,
  RedisOtherPipelineError,
  RedisOtherTopicError,
  RedisOutOfMemoryError,
  RedisUnavailableError,
  RedisUsageError,
  RedisWrongTypeError,
} from './redis-errors.ts';
export { createRedisTransitionsSink } from './transitions-sink.ts';
export type { RedisTransitionsSinkOptions } from './transitions-sink.ts';
