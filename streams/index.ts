export { CodedError, DeserializationError, ProcessingError, SerializationError, TopologyError, formatPosition } from './errors.ts';
export type { RecordPosition } from './errors.ts';
export type { SinkBatch, SinkConnector, SinkRecord, SinkSource } from './ports/sink-connector.ts';
export { NO_HEADERS } from './records/record.ts';
export type { Header, Headers, LogRecord, OutgoingRecord, StreamRecord } from './records/record.ts';
export type { Serde } from './records/serde.ts';
