export { connectKafka } from './connect-kafka.ts';
export type { KafkaConnectionOptions, KafkaSaslOptions, KafkaTlsOptions } from './connection-options.ts';
export { KafkaRecordsError, KafkaUnavailableError } from './kafka-errors.ts';
export { KafkaProducerStateError } from './producer-errors.ts';
