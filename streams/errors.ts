/**
 * The root of every error this project throws on purpose. `code` is stable: programs may match on it,
 * messages may change. Each code is explained in `docs/errors.md`.
 */
export abstract class CodedError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A position in a topic, as people write it: `topic[partition]@offset`. */
export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Writes a position the way every message of this library shows it. */
export function formatPosition(position: RecordPosition): string {
  return `${position.topic}[${position.partition}]@${position.offset}`;
}

/** Bytes that cannot be turned into a value: the record that held them is dead-lettered, never skipped. */
export class DeserializationError extends CodedError {
  readonly code = 'STREAMS_DESERIALIZATION';
}

/** A value that its serde cannot write. */
export class SerializationError extends CodedError {
  readonly code = 'STREAMS_SERIALIZATION';
}

/** A key that is longer than state stores take. A record that leads to one is dead-lettered. */
export class StoreKeyError extends CodedError {
  readonly code = 'STREAMS_STORE_KEY';
}

/** A store was written to outside of a step of its task: the write could not be part of a commit. */
export class StoreReadOnlyError extends CodedError {
  readonly code = 'STREAMS_STORE_READ_ONLY';
}

/** A topology that cannot run as it was declared: an unknown store, a name used twice, a missing serde. */
export class TopologyError extends CodedError {
  readonly code = 'STREAMS_TOPOLOGY';
}

/** A processor threw. The commit it belonged to did not happen. */
export class ProcessingError extends CodedError {
  readonly code = 'STREAMS_PROCESSING';
}

/**
 * A sink gave up a record that cannot go to the dead letters: there is no such topic, the sink itself reads that topic,
 * or the record is not of a batch that it is writing.
 */
export class SinkDeadLetterError extends CodedError {
  readonly code = 'STREAMS_SINK_DEAD_LETTER';
}

/** Another process works in the same data directory. */
export class DirectoryLockedError extends CodedError {
  readonly code = 'STREAMS_LOCKED';
}

/** What a store holds on disk is not what was written to it. */
export class StoreCorruptedError extends CodedError {
  readonly code = 'STREAMS_STORE_CORRUPTED';
}
