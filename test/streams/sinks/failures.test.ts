import { StreamsBuilder, doubleSerde, stringSerde } from '@incident-streams/streams';
import { EmbeddedStoppedError } from '@incident-streams/streams/embedded';
import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { openWithSink, produceMany, withSink } from './open-with-sink.ts';
import { RecordingSink } from './recording-sink.ts';

describe('a sink that fails', () => {
  it('gets the same range again, and nothing else before it, however much has come meanwhile', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    let failures = 0;
    await withSink(sink, { directory: directory.path }, async (runtime) => {
      sink.beforeWrite = async () => {
        if (failures++ >= 2) return;
        await produceMany(runtime, 4);
        throw new Error(`away ${failures}`);
      };
      await produceMany(runtime, 3);
      await eventually(() => expect(runtime.sinkStatus()).toMatchObject([{ failure: 'away 1', lag: 7 }]));
      await runtime.whenSinksCaughtUp();
      expect(runtime.sinkStatus()).toMatchObject([{ failure: undefined, lag: 0 }]);
    });
    expect(sink.calls).toEqual([
      'open',
      'live 0: 0-2 (3)',
      'live 0: 0-2 (3)',
      'live 0: 0-2 (3)',
      'live 0: 3-10 (8)',
      'close',
    ]);
  });

  it('after it took the batch gets the same batch again, also from the next process', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    const options = { directory: directory.path };
    sink.afterWrite = () => {
      throw new Error('the answer was lost');
    };
    await withSink(sink, options, async (runtime) => {
      await produceMany(runtime, 3);
      await eventually(() => expect(runtime.sinkStatus()).toMatchObject([{ lag: 3 }]));
      await eventually(() => expect(sink.batches.length).toBeGreaterThan(0));
      await produceMany(runtime, 3);
    });
    sink.afterWrite = () => undefined;
    const before = sink.batches.length;
    await withSink(sink, options, (runtime) => runtime.whenSinksCaughtUp());
    const again = sink.batches.slice(before);
    expect(again[0]).toEqual(sink.batches[0]);
    expect(again.flatMap((batch) => batch.records.map((record) => record.offset))).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });

  it('to open is tried again', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    let attempts = 0;
    sink.beforeOpen = () => {
      if (++attempts < 3) throw new Error('nobody there');
    };
    await withSink(sink, { directory: directory.path }, async (runtime) => {
      await produceMany(runtime, 2);
      await eventually(() => expect(runtime.sinkStatus()).toMatchObject([{ failure: 'nobody there' }]));
      await runtime.whenSinksCaughtUp();
      expect(runtime.sinkStatus()).toMatchObject([{ failure: undefined }]);
    });
    expect(sink.calls).toEqual(['open', 'open', 'open', 'live 0: 0-1 (2)', 'close']);
  });

  it('to decode a record says which one, and waits before it', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    const builder = new StreamsBuilder();
    const numbers = { key: stringSerde, value: doubleSerde };
    builder.stream('in', numbers).to('out', numbers).toSink('sink');
    await withSink(sink, { directory: directory.path, topology: builder.build() }, async (runtime) => {
      runtime.produce([textRecord('out', 'k', '8 bytes!', 1)]);
      await runtime.whenSinksCaughtUp();
      runtime.produce([textRecord('out', 'k', 'not a number', 1)]);
      await eventually(() => expect(runtime.sinkStatus()).toMatchObject([{ lag: 1 }]));
      await eventually(() => expect(runtime.sinkStatus()[0]?.failure).toMatch(/^out\[0\]@1: /));
    });
    expect(sink.calls).toEqual(['open', 'live 0: 0-0 (1)', 'close']);
  });

  it('does not hold up the close, and is closed even if it never opened', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    sink.beforeOpen = () => Promise.reject(new Error('nobody there'));
    const runtime = openWithSink(sink, { directory: directory.path });
    runtime.start();
    const caughtUp = runtime.whenSinksCaughtUp().catch((error: unknown) => error);
    await eventually(() => expect(sink.calls).toContain('open'));
    const started = performance.now();
    await runtime.close();
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await caughtUp).toBeInstanceOf(EmbeddedStoppedError);
    expect(sink.calls.at(-1)).toBe('close');
  });

  it('to close is reported by close, after everything else has been closed', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    sink.close = () => Promise.reject(new Error('will not go'));
    const runtime = openWithSink(sink, { directory: directory.path });
    runtime.start();
    await expect(runtime.close()).rejects.toThrow('will not go');
    await withSink(new RecordingSink(), { directory: directory.path }, () => undefined);
  });

  it('keeps the memory of the runtime bounded: what it did not get stays in the log', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    sink.beforeWrite = () => Promise.reject(new Error('away'));
    await withSink(sink, { directory: directory.path }, async (runtime) => {
      const value = 'x'.repeat(10_000);
      const before = process.memoryUsage().arrayBuffers;
      for (let i = 0; i < 40; i++) {
        runtime.produce(
          Array.from({ length: 250 }, () => ({
            topic: 'in',
            key: null,
            value: Buffer.from(value),
            timestamp: 1,
            headers: [],
          })),
        );
        await runtime.whenProcessed();
      }
      expect(runtime.sinkStatus()).toMatchObject([{ lag: 10_000 }]);
      globalThis.gc?.();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80_000_000);
    });
  });
});
