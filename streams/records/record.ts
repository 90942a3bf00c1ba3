/** A record's headers, in order. A name may occur more than once, as in Kafka. */
export type Headers = readonly Header[];

export interface Header {
  readonly name: string;
  readonly value: Uint8Array;
}

export const NO_HEADERS: Headers = Object.freeze([]);

/**
 * What flows between processors. `timestamp` is event time in milliseconds since the epoch; a null value is a
 * tombstone where the stream is read as a table.
 */
export interface StreamRecord<K, V> {
  readonly key: K;
  readonly value: V;
  readonly timestamp: number;
  readonly headers: Headers;
}

/** A record as a log holds it: bytes, with the place it was read from. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
}

/** A record on its way to a log. Without `partition` the partitioner decides from the key. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
}
