export { assertNotInUse } from '../../state/lmdb/directory-lock.ts';
export { EmbeddedRuntime } from './embedded-runtime.ts';
export type { CommitStep, EmbeddedRuntimeOptions, Produced } from './embedded-runtime.ts';
export {
  EmbeddedReentryError,
  EmbeddedSinkError,
  EmbeddedStoppedError,
  EmbeddedTopicError,
} from './errors.ts';
export type { AnySinkConnector } from '../sinks/bind-sinks.ts';
export type { SinkDeliveryEvent } from '../sinks/sink-delivery-event.ts';
export type { SinkStatus } from '../sinks/sink-status.ts';
export type { CleanupPolicy, TopicOptions } from './topic-registry.ts';
