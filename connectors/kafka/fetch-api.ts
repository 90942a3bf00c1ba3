import { createAPI, Writer } from '@platformatic/kafka';
import type { API, Reader } from '@platformatic/kafka';
import { ByteCursor } from './byte-cursor.ts';
import { KafkaRecordsError } from './kafka-errors.ts';
import type { AbortedTransaction } from './record-batch-decoder.ts';

export interface FetchRequest {
  /** How long the broker waits for something to send. */
  readonly maxWaitMs: number;
  /** Of the whole answer. The first batch is sent even if it is larger. */
  readonly maxBytes: number;
  readonly topics: readonly FetchTopic[];
}

export interface FetchTopic {
  readonly id: string;
  readonly partitions: readonly FetchPlace[];
}

export interface FetchPlace {
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly offset: number;
  readonly maxBytes: number;
}

export interface FetchResponse {
  /** Of the request as a whole; 0 is none. */
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

export interface FetchedPartition {
  readonly topicId: string;
  readonly partition: number;
  readonly errorCode: number;
  /** -1 where there was an error. */
  readonly lastStableOffset: number;
  readonly abortedTransactions: readonly AbortedTransaction[];
  /** Batches as the log has them, the last one perhaps cut short. */
  readonly bytes: Buffer;
}

/**
 * Fetch, version 13: the first that identifies topics by their ids (KIP-516, Kafka 3.1); 4.x serves 4 to 18. Committed
 * records only, without a fetch session. The client package has it too, but makes several objects of every record
 * while it reads an answer; this one leaves the records as they came.
 */
export const fetchV13: API<[FetchRequest], FetchResponse> = createAPI(1, 13, createRequest, parseResponse);

const EMPTY = Buffer.alloc(0);

function createRequest({ maxWaitMs, maxBytes, topics }: FetchRequest): Writer {
  return Writer.create()
    .appendInt32(-1) // no replica
    .appendInt32(maxWaitMs)
    .appendInt32(1) // at least so many bytes
    .appendInt32(maxBytes)
    .appendInt8(1) // read_committed
    .appendInt32(0) // no session
    .appendInt32(-1)
    .appendArray([...topics], (topicWriter, { id, partitions }) => {
      topicWriter.appendUUID(id).appendArray([...partitions], appendPlace);
    })
    .appendArray([], () => undefined) // topics that a session forgets
    .appendString('') // rack
    .appendTaggedFields();
}

function appendPlace(writer: Writer, place: FetchPlace): void {
  writer
    .appendInt32(place.partition)
    .appendInt32(place.leaderEpoch)
    .appendInt64(BigInt(place.offset))
    .appendInt32(-1) // epoch of the record before: truncation is not looked for
    .appendInt64(-1n) // a follower's first offset
    .appendInt32(place.maxBytes);
}

function parseResponse(
  _correlationId: number,
  _apiKey: number,
  _version: number,
  reader: Reader,
): FetchResponse {
  // One copy makes a single stretch of what the socket has delivered in pieces; all that follows are views of it.
  const cursor = new ByteCursor(reader.buffer.slice(reader.position));
  cursor.skip(4); // throttling: the broker itself waits before it reads the next request (KIP-219)
  const errorCode = cursor.int16();
  cursor.skip(4); // session
  const partitions: FetchedPartition[] = [];
  for (let topics = cursor.unsignedVarint() - 1; topics > 0; topics -= 1) {
    const topicId = readUuid(cursor);
    for (let left = cursor.unsignedVarint() - 1; left > 0; left -= 1)
      partitions.push(readPartition(cursor, topicId));
    cursor.skipTaggedFields();
  }
  if (!cursor.within) throw new KafkaRecordsError("a broker's answer with records ends too early");
  return { errorCode, partitions };
}

function readPartition(cursor: ByteCursor, topicId: string): FetchedPartition {
  const partition = cursor.int32();
  const errorCode = cursor.int16();
  cursor.skip(8); // high watermark
  const lastStableOffset = cursor.int64();
  cursor.skip(8); // first offset of the log
  const abortedTransactions: AbortedTransaction[] = [];
  for (let left = cursor.unsignedVarint() - 1; left > 0; left -= 1) {
    abortedTransactions.push({ producerId: cursor.int64(), firstOffset: cursor.int64() });
    cursor.skipTaggedFields();
  }
  cursor.skip(4); // a replica to read from rather
  const length = cursor.unsignedVarint() - 1;
  const bytes = length > 0 ? cursor.take(length) : EMPTY;
  cursor.skipTaggedFields();
  return { topicId, partition, errorCode, lastStableOffset, abortedTransactions, bytes };
}

function readUuid(cursor: ByteCursor): string {
  const hex = cursor.take(16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
