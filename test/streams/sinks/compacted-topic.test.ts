import { EmbeddedTopicError } from '@incident-streams/streams/embedded';
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { openWithSink, withSink } from './open-with-sink.ts';
import { RecordingSink } from './recording-sink.ts';
import { RestorableSink, restorable } from './restorable-sink.ts';

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

  it('that lost everything gets the table: the beginning of its topic is compacted away', async () => {
    using directory = temporaryDirectory();
    const sink = new RestorableSink();
    const options = {
      directory: directory.path,
      topology: restorable(),
      topics: { out: { cleanupPolicy: 'compact' } },
    } as const;
    await withSink(sink, options, async (runtime) => {
      for (let i = 0; i < 3; i++) {
        runtime.produce(Array.from({ length: 4_000 }, () => textRecord('in', 'k', `v${i}`, 1)));
        await runtime.whenProcessed();
      }
      await runtime.whenSinksCaughtUp();
      expect([...runtime.records('out', 0)][0]?.offset).toBeGreaterThan(0);
    });
    sink.forget();
    await withSink(sink, options, (runtime) => runtime.whenSinksCaughtUp());
    expect(sink.calls[1]).toBe('snapshot 0: up to 11999 (k=v2)');
    expect(sink.batches.every(({ mode }) => mode === 'restore')).toBe(true);
    expect(sink.batches.at(-1)?.lastOffset).toBe(11_999);
  });

  it('is not opened with a table that has other partitions', () => {
    using directory = temporaryDirectory();
    const open = () =>
      openWithSink(new RestorableSink(), {
        directory: directory.path,
        topology: restorable(),
        topics: { table: { partitions: 2 } },
      });
    expect(open).toThrow(EmbeddedTopicError);
    expect(open).toThrow('the sink "sink" reads "out" with 1 partitions, but its snapshot "table" has 2');
  });
});
