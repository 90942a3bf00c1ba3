export { assertNotInUse } from '../../state/lmdb/directory-lock.ts';
export { EmbeddedRuntime } from './embedded-runtime.ts';
export type { AnySinkConnector, CommitStep, EmbeddedRuntimeOptions, Produced } from './embedded-runtime.ts';
export {
  EmbeddedReentryError,
  EmbeddedSinkError,
  EmbeddedStoppedError,
  EmbeddedTopicError,
} from './errors.ts';
export type { SinkStatus } from './sink-runner.ts';
export type { CleanupPolicy, TopicOptions } from './topic-registry.ts';
