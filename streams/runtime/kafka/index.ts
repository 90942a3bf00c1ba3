export {
  KafkaFencedError,
  KafkaOffsetError,
  KafkaOutcomeUnknownError,
  KafkaRefusedError,
  KafkaStoppedError,
  KafkaTopicError,
} from './errors.ts';
export type {
  Arrival,
  CommittedOffset,
  GroupMember,
  GroupMemberOptions,
  GroupMetadata,
  KafkaAdmin,
  KafkaCluster,
  MemberAssignment,
  MemberSubscription,
  NewTopic,
  PartitionReader,
  PlacedRecord,
  PlainProducer,
  ReaderOptions,
  TopicFacts,
  TopicPartition,
  TransactionalProducer,
  TransactionalProducerOptions,
  WrittenRange,
} from './ports.ts';
export { KafkaRuntime } from './kafka-runtime.ts';
export type { RuntimeState } from './kafka-runtime.ts';
export type { CommitStep, KafkaRuntimeOptions, KafkaTopicOptions } from './options.ts';
export type { RuntimeEvent, TaskStatus } from './runtime-event.ts';
