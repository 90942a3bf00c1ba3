import { EmbeddedSinkError } from '@incident-streams/streams/embedded';
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { withRuntime } from '../embedded/open-runtime.ts';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { openWithSink, produceMany, produceValues, withSink } from './open-with-sink.ts';
import { RecordingSink, copyingToSink } from './recording-sink.ts';

describe('a sink', () => {
  it('is opened once with its topic, and closed once', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await withSink(sink, { directory: directory.path, partitions: 3, now: () => 77 }, (runtime) =>
      runtime.whenSinksCaughtUp(),
    );
    expect(sink.source).toMatchObject({ topic: 'out', partitions: 3, topicEpoch: 77 });
    expect(sink.calls).toEqual(['open', 'close']);
  });

  it('gets every record of each partition once and in order, as it was', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await withSink(sink, { directory: directory.path, partitions: 4 }, async (runtime) => {
      for (let i = 0; i < 20; i++) await produceMany(runtime, 50);
      await runtime.whenSinksCaughtUp();
      for (let partition = 0; partition < 4; partition++) {
        const end = runtime.endOffset('out', partition);
        expect(end).toBeGreaterThan(0);
        expect(sink.offsetsOf(partition)).toEqual(Array.from({ length: end }, (_, i) => i));
      }
      expect(runtime.sinkStatus()).toEqual([
        { connector: 'sink', topic: 'out', lag: 0, restoring: false, failure: undefined },
      ]);
    });
    expect(sink.batches.every((batch) => batch.mode === 'live' && batch.topic === 'out')).toBe(true);
  });

  it('gets tombstones, missing keys, timestamps and headers', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await withSink(sink, { directory: directory.path }, async (runtime) => {
      runtime.produce([
        textRecord('in', 'k', null, 5, { headers: { a: 'b' } }),
        textRecord('in', null, 'v', 6),
      ]);
      await runtime.whenProcessed();
      await runtime.whenSinksCaughtUp();
    });
    expect(sink.batches.flatMap((batch) => batch.records)).toEqual([
      { offset: 0, timestamp: 5, key: 'k', value: null, headers: [{ name: 'a', value: Buffer.from('b') }] },
      { offset: 1, timestamp: 6, key: null, value: 'v', headers: [] },
    ]);
  });

  it('gets a long topic in batches of bounded size', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    const options = { directory: directory.path };
    await withRuntime({ ...options, topology: copyingToSink() }, async (runtime) => {
      runtime.start();
      await produceMany(runtime, 12_000);
      const large = 'x'.repeat(1_000_000);
      for (let i = 0; i < 24; i++) produceValues(runtime, large);
      await runtime.whenProcessed();
    });
    let largest = 0;
    sink.beforeWrite = (batch) => {
      const bytes = batch.records.reduce((sum, record) => sum + (record.value?.length ?? 0), 0);
      largest = Math.max(largest, bytes);
    };
    await withSink(sink, options, (runtime) => runtime.whenSinksCaughtUp());
    expect(sink.offsetsOf(0)).toHaveLength(12_024);
    expect(Math.max(...sink.batches.map((batch) => batch.records.length))).toBeLessThanOrEqual(5_000);
    expect(largest).toBeLessThanOrEqual(9_000_000);
  });

  it('that is slow does not stop the topology', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    const gate = Promise.withResolvers<void>();
    sink.beforeWrite = () => gate.promise;
    await withSink(sink, { directory: directory.path }, async (runtime) => {
      await produceMany(runtime, 1);
      await eventually(() => expect(sink.calls).toHaveLength(2));
      await produceMany(runtime, 5_000);
      expect(runtime.endOffset('out', 0)).toBe(5_001);
      expect(runtime.sinkStatus()).toMatchObject([{ lag: 5_001 }]);
      gate.resolve();
      await runtime.whenSinksCaughtUp();
      expect(runtime.sinkStatus()).toMatchObject([{ lag: 0 }]);
    });
    expect(sink.offsetsOf(0)).toHaveLength(5_001);
  });

  it('that has no connector for a while misses nothing', async () => {
    using directory = temporaryDirectory();
    const options = { directory: directory.path };
    const sink = new RecordingSink();
    await withSink(sink, options, async (runtime) => {
      await produceMany(runtime, 3);
      await runtime.whenSinksCaughtUp();
    });
    await withRuntime({ ...options, topology: copyingToSink() }, async (runtime) => {
      runtime.start();
      await produceMany(runtime, 4);
      expect(runtime.sinkStatus()).toEqual([]);
    });
    await withSink(sink, options, (runtime) => runtime.whenSinksCaughtUp());
    expect(sink.offsetsOf(0)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('hears of records that are produced into its topic directly, at whatever moment', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await withSink(sink, { directory: directory.path, partitions: 3 }, async (runtime) => {
      const toFirst = [textRecord('out', 'k', 'v', 1, { partition: 0 })];
      for (let turns = 0; turns < 60; turns++) {
        runtime.produce(toFirst);
        // Some number of turns later the sink has looked at this partition, but not at all others.
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        runtime.produce(toFirst);
        await runtime.whenSinksCaughtUp();
      }
      expect(sink.offsetsOf(0)).toHaveLength(120);
    });
  });

  it('that no topology declares is refused by name', () => {
    using directory = temporaryDirectory();
    const sinks = { stranger: new RecordingSink() };
    expect(() => openWithSink(new RecordingSink(), { directory: directory.path, sinks })).toThrow(
      EmbeddedSinkError,
    );
    expect(() => openWithSink(new RecordingSink(), { directory: directory.path, sinks })).toThrow(
      'a connector "stranger" is given, but the topology declares only: sink',
    );
  });
});
