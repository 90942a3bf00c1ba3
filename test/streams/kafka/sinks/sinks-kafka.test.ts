import { describeWith } from '../../../services/describe-with.ts';
import { testSinks } from '../../sinks/sink-cases.ts';
import { kafkaSinkHost } from './kafka-sink-place.ts';

await describeWith(['kafka'], 'a sink on the Kafka runtime', ({ kafka }) => testSinks(kafkaSinkHost(kafka)));
