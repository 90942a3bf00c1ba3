export { createRedisIncidentReader } from './incident-reader.ts';
export type {
  OpenIncidentsQuery,
  RedisIncidentReader,
  RedisIncidentReaderOptions,
} from './incident-reader.ts';
export type { RedisAlert } from './redis-alert.ts';
export {
  RedisCommandError,
  RedisDataLostError,
  RedisForbiddenError,
  RedisOtherTopicError,
  RedisOutOfMemoryError,
  RedisUnavailableError,
  RedisUsageError,
  RedisWrongTypeError,
} from './redis-errors.ts';
export { createRedisTransitionsSink } from './transitions-sink.ts';
export type { RedisTransitionsSinkOptions } from './transitions-sink.ts';
