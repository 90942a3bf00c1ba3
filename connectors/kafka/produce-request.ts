import { createAPI, Writer } from '@platformatic/kafka';
import type { API, Reader } from '@platformatic/kafka';

/**
 * The Produce request for batches that are encoded already; the client package's own encodes records, one BigInt after
 * the other, and throws its answers' errors together. Layout: https://kafka.apache.org/protocol#The_Messages_Produce.
 */
export interface ProduceRequest {
  readonly transactionalId: string | null;
  /** How long the leader waits for its followers. */
  readonly timeoutMs: number;
  readonly batches: readonly PartitionBatch[];
}

/** Exactly one batch a partition: brokers take no more in a request. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

export interface PartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  /** 0 is success; the others are at https://kafka.apache.org/protocol#protocol_error_codes. */
  readonly errorCode: number;
  /** What the broker says of the error, if anything. */
  readonly detail: string | null;
  /** The offset of the batch's first record; -1 where the broker does not know it any more. */
  readonly baseOffset: number;
}

export type ProduceApi = API<[ProduceRequest], readonly PartitionAnswer[]>;

const PRODUCE = 0;
const ALL_REPLICAS = -1;

/** Version 9 is the newest that every broker since 2.8 has. */
export const produceV9: ProduceApi = createAPI(PRODUCE, 9, createRequest, parseResponse);

function createRequest({ transactionalId, timeoutMs, batches }: ProduceRequest): Writer {
  return Writer.create()
    .appendString(transactionalId)
    .appendInt16(ALL_REPLICAS)
    .appendInt32(timeoutMs)
    .appendArray([...batchesByTopic(batches)], (topicWriter, [topic, ofTopic]) => {
      topicWriter.appendString(topic).appendArray(ofTopic, (writer, { partition, bytes }) => {
        writer
          .appendInt32(partition)
          .appendUnsignedVarInt(bytes.length + 1)
          .append(bytes);
      });
    })
    .appendTaggedFields();
}

function batchesByTopic(batches: readonly PartitionBatch[]): Map<string, PartitionBatch[]> {
  const byTopic = new Map<string, PartitionBatch[]>();
  for (const batch of batches) {
    const ofTopic = byTopic.get(batch.topic);
    if (ofTopic) ofTopic.push(batch);
    else byTopic.set(batch.topic, [batch]);
  }
  return byTopic;
}

function parseResponse(
  _correlationId: number,
  _key: number,
  _version: number,
  reader: Reader,
): readonly PartitionAnswer[] {
  const byTopic = reader.readArray(readTopic);
  reader.readInt32(); // throttle time
  reader.readTaggedFields();
  return byTopic.flat();
}

function readTopic(reader: Reader): readonly PartitionAnswer[] {
  const topic = reader.readString();
  return reader.readArray((one) => readPartition(topic, one));
}

function readPartition(topic: string, reader: Reader): PartitionAnswer {
  const partition = reader.readInt32();
  const errorCode = reader.readInt16();
  const baseOffset = Number(reader.readInt64());
  reader.readInt64(); // log append time
  reader.readInt64(); // log start offset
  const recordErrors = reader.readArray(readRecordError);
  const detail = reader.readNullableString() ?? recordErrors.find((message) => message !== null) ?? null;
  return { topic, partition, errorCode, detail, baseOffset };
}

function readRecordError(reader: Reader): string | null {
  reader.readInt32(); // index in the batch
  return reader.readNullableString();
}
