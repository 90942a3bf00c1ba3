import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { withSink } from './open-with-sink.ts';
import { RecordingSink } from './recording-sink.ts';

describe('a sink of a compacted topic', () => {
  it('goes on although all records of the range that it had begun are gone', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    const options = { directory: directory.path, topics: { out: { cleanupPolicy: 'compact' } } } as const;
    sink.beforeWrite = () => Promise.reject(new Error('away'));
    await withSink(sink, options, async (runtime) => {
      runtime.produce([textRecord('in', 'k', 'old', 1)]);
      await runtime.whenProcessed();
      await eventually(() => expect(sink.calls).toContain('live 0: 0-0 (1)'));
      for (let i = 0; i < 3; i++) {
        runtime.produce(Array.from({ length: 4_000 }, () => textRecord('in', 'k', `new ${i}`, 1)));
        await runtime.whenProcessed();
      }
      expect([...runtime.records('out', 0)][0]?.offset).toBeGreaterThan(0);
    });
    sink.beforeWrite = () => undefined;
    await withSink(sink, options, async (runtime) => {
      await runtime.whenSinksCaughtUp();
      expect(runtime.sinkStatus()).toMatchObject([{ lag: 0, failure: undefined }]);
    });
    expect(sink.batches.at(-1)?.records.at(-1)?.value).toBe('new 2');
  });
});
