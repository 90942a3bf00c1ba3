import { CodedError } from '@incident-streams/streams';

/** No broker could be reached, or none could do what was asked, for as long as was waited. Trying later may help. */
export class KafkaUnavailableError extends CodedError {
  readonly code = 'KAFKA_UNAVAILABLE';
}

/** Records that cannot be read: damaged on their way or on disk, or in a format from before Kafka 0.11. */
export class KafkaRecordsError extends CodedError {
  readonly code = 'KAFKA_RECORDS';
}
