import { expect, it } from 'vitest';
import { describeWith } from '../../../services/describe-with.ts';
import { eventually } from '../../eventually.ts';
import { RecordingSink } from '../../sinks/recording-sink.ts';
import { recordsFor } from '../../sinks/sink-cases.ts';
import { KafkaSinkPlace } from './kafka-sink-place.ts';

await describeWith(['kafka'], 'a sink that takes long to open', ({ kafka }) => {
  it('is starting until then, and says what it waits for', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 2);
    const sink = new RecordingSink();
    const opening = Promise.withResolvers<void>();
    const assigned = Promise.withResolvers<void>();
    sink.beforeOpen = () => opening.promise;
    await place.produce(recordsFor(2, 3));
    const sinks = place.sinks(sink, {
      onEvent: ({ type }) => {
        if (type === 'sink-assigned') assigned.resolve();
      },
    });
    sinks.start();
    try {
      expect(sinks.status()).toMatchObject([{ state: 'starting', waitingFor: 'its topic' }]);
      await assigned.promise;
      const waiting = { state: 'starting', partitions: [] };
      expect(sinks.status()).toMatchObject([waiting]);
      expect(sinks.status()[0]?.waitingFor).toContain('has not been opened yet');
      opening.resolve();
      await eventually(() =>
        expect(sinks.status()).toMatchObject([
          { state: 'running', waitingFor: undefined, partitions: [0, 1], lag: 0 },
        ]),
      );
    } finally {
      opening.resolve();
      await sinks.close();
    }
    expect(sinks.status()).toMatchObject([{ state: 'stopped', waitingFor: undefined }]);
  });
});
