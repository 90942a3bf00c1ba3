export { committedCounters } from './committed-counters.ts';
export type { CommittedCounters } from './committed-counters.ts';
export { committedOffsets } from './committed-offsets.ts';
export {
  KafkaFencedError,
  KafkaOffsetError,
  KafkaOutcomeUnknownError,
  KafkaRefusedError,
  KafkaSinkError,
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
  OffsetRange,
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
export { KafkaSinks } from './sinks/kafka-sinks.ts';
export type { KafkaSinksOptions } from './sinks/options.ts';
export type { SinkDeliveryEvent } from '../sinks/sink-delivery-event.ts';
export { readSinkPositions } from './sinks/sink-positions.ts';
export type { SinkPositions, SinkPositionsOptions } from './sinks/sink-positions.ts';
export type { DeletedRange, KafkaSinkStatus, SinkEvent } from './sinks/sink-event.ts';
export type { AnySinkConnector } from '../sinks/bind-sinks.ts';
