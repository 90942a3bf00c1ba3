export {
  CodedError,
  DeserializationError,
  DirectoryLockedError,
  ProcessingError,
  SerializationError,
  SinkDeadLetterError,
  StoreCorruptedError,
  StoreKeyError,
  StoreReadOnlyError,
  TopologyError,
  formatPosition,
} from './errors.ts';
export type { RecordPosition } from './errors.ts';
export type { Emitted, KGroupedStream, Materialized } from './dsl/kgrouped-stream.ts';
export type { Branch, DedupeOptions, KStream, ProcessOptions } from './dsl/kstream.ts';
export type { KTable } from './dsl/ktable.ts';
export type { Named, Serdes } from './dsl/serdes-pair.ts';
export { StreamsBuilder } from './dsl/streams-builder.ts';
export type { Consumed, StreamsBuilderOptions } from './dsl/streams-builder.ts';
export type { TimeWindowedKStream } from './dsl/time-windowed-kstream.ts';
export { tumblingWindows } from './dsl/windows.ts';
export type { SinkOptions, WrittenTopic } from './dsl/written-topic.ts';
export { describeAsMermaid, describeAsText } from './graph/describe.ts';
export type { TimestampExtractor } from './graph/node.ts';
export { outputsOf, sourcesOf } from './graph/topology.ts';
export type { SinkBinding, SubTopology, TopicBinding, Topology } from './graph/topology.ts';
export type {
  DeadSinkRecord,
  SinkBatch,
  SinkConnector,
  SinkRecord,
  SinkSnapshot,
  SinkSource,
  SnapshotEntry,
} from './ports/sink-connector.ts';
export type {
  Processor,
  ProcessorContext,
  ProcessorSupplier,
  PunctuationType,
} from './processors/processor.ts';
export type { EmitStrategy, TumblingWindows, UpdateStrategy, Windowed } from './processors/windowed.ts';
export { murmur2, partitionForKey } from './records/partitioner.ts';
export { NO_HEADERS } from './records/record.ts';
export type { Header, Headers, LogRecord, OutgoingRecord, StreamRecord } from './records/record.ts';
export type { Serde } from './records/serde.ts';
export { bytesSerde, doubleSerde, jsonSerde, stringSerde } from './records/serdes.ts';
export { dedupeStore } from './state/dedupe-store.ts';
export type { DedupeStore } from './state/dedupe-store.ts';
export { keyValueStore } from './state/key-value-store.ts';
export type { KeyValueStore, ReadOnlyKeyValueStore } from './state/key-value-store.ts';
export type { RebuildNote, StateStore, StoreBuilder, StoreContext, StoreRecovery } from './state/store.ts';
export { windowStore } from './state/window-store.ts';
export type { WindowEntry, WindowStore } from './state/window-store.ts';
