import { CodedError } from '@incident-streams/streams';
import { KafkaFencedError } from '@incident-streams/streams/kafka';
import { ProtocolError, protocolErrorsCodesById } from '@platformatic/kafka';
import { asRefusal, protocolErrorOf, reasonOf } from './broker-errors.ts';

/**
 * The brokers and a producer do not agree any more about what it has written, or about its transaction. What was open
 * is not committed; a new producer can go on.
 */
export class KafkaProducerStateError extends CodedError {
  readonly code = 'KAFKA_PRODUCER_STATE';
}

/** Another producer of the same transactional id, or a newer generation of the group, is there. */
const FENCED: ReadonlySet<string> = new Set([
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'TRANSACTION_COORDINATOR_FENCED',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
  'FENCED_MEMBER_EPOCH',
  'STALE_MEMBER_EPOCH',
  'REBALANCE_IN_PROGRESS',
]);

const OUT_OF_STEP: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_TXN_STATE',
  'TRANSACTION_ABORTABLE',
]);

/** The error that a number in an answer stands for. Numbers newer than the client package count as unknown errors. */
export function protocolErrorOfCode(code: number, detail: string | null): ProtocolError {
  return new ProtocolError(code in protocolErrorsCodesById ? code : UNKNOWN_SERVER_ERROR, detail);
}

const UNKNOWN_SERVER_ERROR = -1;

/** What a producer or member throws in place of an error of the client package. `what` is the subject of the message. */
export function asProducerError(what: string, error: unknown): Error {
  if (error instanceof CodedError) return error;
  const name = protocolErrorOf(error) ?? '';
  const message = `${what}: ${reasonOf(error)}`;
  if (FENCED.has(name)) return new KafkaFencedError(message, { cause: error });
  if (OUT_OF_STEP.has(name)) return new KafkaProducerStateError(message, { cause: error });
  return asRefusal(what, error);
}
