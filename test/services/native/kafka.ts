export { startKafka } from '../../../stack/native/kafka.ts';
