import { describeWith } from '../../../services/describe-with.ts';
import { testDeadLetters } from '../../sinks/dead-letter-cases.ts';
import { testSinkEvents } from '../../sinks/event-cases.ts';
import { testSinks } from '../../sinks/sink-cases.ts';
import { testSnapshots } from '../../sinks/snapshot-cases.ts';
import { kafkaSinkHost } from './kafka-sink-place.ts';

await describeWith(['kafka'], 'a sink on the Kafka runtime', ({ kafka }) => testSinks(kafkaSinkHost(kafka)));

await describeWith(['kafka'], 'an outside system on the Kafka runtime', ({ kafka }) =>
  testSnapshots(kafkaSinkHost(kafka)),
);

await describeWith(['kafka'], 'a sink of the Kafka runtime that gives up', ({ kafka }) =>
  testDeadLetters(kafkaSinkHost(kafka)),
);

await describeWith(['kafka'], 'what a sink of the Kafka runtime tells', ({ kafka }) =>
  testSinkEvents(kafkaSinkHost(kafka)),
);
