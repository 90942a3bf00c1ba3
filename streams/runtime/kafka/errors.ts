import { CodedError } from '../../errors.ts';

/** Another producer, or a newer generation of the group, has taken over. What was not committed will not be. */
export class KafkaFencedError extends CodedError {
  readonly code = 'KAFKA_FENCED';
}

/** A transaction was being committed and no answer came: it may or may not take effect. */
export class KafkaOutcomeUnknownError extends CodedError {
  readonly code = 'KAFKA_OUTCOME_UNKNOWN';
}

/** A topic is not as the topology needs it: missing, or with the wrong partitions, clean-up policy or retention. */
export class KafkaTopicError extends CodedError {
  readonly code = 'KAFKA_TOPIC';
}

/** The input that a store is rebuilt from, or the place where a task goes on, has been deleted. */
export class KafkaOffsetError extends CodedError {
  readonly code = 'KAFKA_OFFSET';
}

/** The broker refused something that trying again will not change: no rights, a record too large, a bad setting. */
export class KafkaRefusedError extends CodedError {
  readonly code = 'KAFKA_REFUSED';
}

/** The runtime was closed, or has stopped because of a failure. */
export class KafkaStoppedError extends CodedError {
  readonly code = 'KAFKA_STOPPED';
}

/** A connector is named that no sink of the topology declares. */
export class KafkaSinkError extends CodedError {
  readonly code = 'KAFKA_SINK';
}
