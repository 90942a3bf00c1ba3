import type { MemberAssignment, TopicPartition } from '@incident-streams/streams/kafka';
import { Reader, Writer } from '@platformatic/kafka';

/**
 * What members of a group tell one another, in the layout of Kafka's own consumers (ConsumerProtocolSubscription and
 * ConsumerProtocolAssignment, version 1): so tools can show who reads what. What matters here travels as user data.
 */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';

/** The assignor's name: a member that would assign by other rules is refused by the group. */
export const ASSIGNOR_NAME = 'incident-streams';

const VERSION = 1;

export interface Subscription {
  readonly topics: readonly string[];
  readonly userData: Uint8Array;
}

export function encodeSubscription({ topics, userData }: Subscription): Buffer {
  return Writer.create()
    .appendInt16(VERSION)
    .appendArray([...topics], (writer, topic) => writer.appendString(topic, false), false, false)
    .appendBytes(Buffer.from(userData), false)
    .appendArray([], () => undefined, false, false).buffer; // owned partitions: part of the user data, if at all
}

/** The user data of a subscription; empty where there are none. */
export function userDataOfSubscription(bytes: Buffer): Uint8Array {
  const reader = Reader.from(bytes);
  reader.readInt16();
  reader.readArray(() => reader.readString(false), false, false);
  return copyOf(reader.readNullableBytes(false));
}

export function encodeAssignment({ partitions, userData }: Omit<MemberAssignment, 'memberId'>): Buffer {
  return Writer.create()
    .appendInt16(VERSION)
    .appendArray(partitionsByTopic(partitions), writeTopic, false, false)
    .appendBytes(Buffer.from(userData), false).buffer;
}

/** The user data of an assignment; empty where the group's leader has given none. */
export function userDataOfAssignment(bytes: Buffer): Uint8Array {
  if (bytes.length === 0) return new Uint8Array();
  const reader = Reader.from(bytes);
  reader.readInt16();
  reader.readArray(() => readTopic(reader), false, false);
  return copyOf(reader.readNullableBytes(false));
}

type TopicPartitions = readonly [string, readonly number[]];

function partitionsByTopic(places: readonly TopicPartition[]): TopicPartitions[] {
  const byTopic = Map.groupBy(places, ({ topic }) => topic);
  return [...byTopic].map(([topic, ofTopic]) => [topic, ofTopic.map(({ partition }) => partition)] as const);
}

function writeTopic(writer: Writer, [topic, partitions]: TopicPartitions): void {
  writer
    .appendString(topic, false)
    .appendArray([...partitions], (one, partition) => one.appendInt32(partition), false, false);
}

function readTopic(reader: Reader): void {
  reader.readString(false);
  reader.readArray(() => reader.readInt32(), false, false);
}

/** What was read shares its memory with the whole answer. */
function copyOf(bytes: Buffer | null): Uint8Array {
  return new Uint8Array(bytes ?? []);
}
