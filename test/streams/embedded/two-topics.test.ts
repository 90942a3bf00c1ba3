import { StreamsBuilder } from '@incident-streams/streams';
import { describe, expect, it } from 'vitest';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { text, withRuntime } from './open-runtime.ts';

function meeting() {
  const builder = new StreamsBuilder();
  builder.stream('left', text).merge(builder.stream('right', text)).to('out', text);
  return builder.build();
}

describe('two topics that meet in one task', () => {
  it('are merged by time, however differently their records lie in batches', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path, topology: meeting() }, async (runtime) => {
      const count = 3_000;
      for (let i = 0; i < count; i += 2) runtime.produce([textRecord('left', 'k', 'l', i)]);
      runtime.produce(Array.from({ length: count / 2 }, (_, i) => textRecord('right', 'k', 'r', 2 * i + 1)));
      runtime.start();
      await runtime.whenProcessed();
      const times = Array.from(runtime.records('out', 0), (record) => record.timestamp);
      expect(times).toEqual(Array.from({ length: count }, (_, i) => i));
    });
  });

  it('do not wait for each other: one alone goes on', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path, topology: meeting() }, async (runtime) => {
      runtime.start();
      runtime.produce([textRecord('left', 'k', 'l', 5)]);
      await runtime.whenProcessed();
      runtime.produce([textRecord('right', 'k', 'r', 1)]);
      await runtime.whenProcessed();
      expect(Array.from(runtime.records('out', 0), (record) => record.timestamp)).toEqual([5, 1]);
    });
  });
});
