import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../temporary-directory.ts';
import { openWithSink, produceMany, withSink } from './open-with-sink.ts';
import { RecordingSink } from './recording-sink.ts';

/** Fills the topic with so many records, all of which the sink has taken. */
async function filled(directory: string, sink: RecordingSink, count: number): Promise<void> {
  await withSink(sink, { directory }, async (runtime) => {
    await produceMany(runtime, count);
    await runtime.whenSinksCaughtUp();
  });
  sink.calls.length = 0;
  sink.batches.length = 0;
}

describe('an outside system that lost data', () => {
  it('gets what is missing as restore batches, then goes on live', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await filled(directory.path, sink, 10);
    sink.marks.set(0, 5);
    await withSink(sink, { directory: directory.path }, async (runtime) => {
      await produceMany(runtime, 2);
      await runtime.whenSinksCaughtUp();
    });
    expect(sink.calls).toEqual(['open', 'restore 0: 6-9 (4)', 'live 0: 10-11 (2)', 'close']);
  });

  it('that lost all of it gets all of it, in batches of bounded size', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await filled(directory.path, sink, 12_000);
    sink.marks.clear();
    sink.unmarked = -1;
    await withSink(sink, { directory: directory.path }, (runtime) => runtime.whenSinksCaughtUp());
    expect(sink.batches.map((batch) => batch.mode)).not.toContain('live');
    expect(Math.max(...sink.batches.map((batch) => batch.records.length))).toBeLessThanOrEqual(5_000);
    expect(sink.offsetsOf(0)).toEqual(Array.from({ length: 12_000 }, (_, i) => i));
  });

  it('has not caught up before it has them back, and its lag says so', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await filled(directory.path, sink, 10);
    sink.marks.set(0, 3);
    const gate = Promise.withResolvers<void>();
    const writing = Promise.withResolvers<void>();
    sink.beforeWrite = () => {
      writing.resolve();
      return gate.promise;
    };
    const runtime = openWithSink(sink, { directory: directory.path });
    try {
      let caughtUp = false;
      const waiting = runtime.whenSinksCaughtUp().then(() => (caughtUp = true));
      runtime.start();
      await writing.promise;
      expect(caughtUp).toBe(false);
      expect(runtime.sinkStatus()).toMatchObject([{ lag: 6 }]);
      gate.resolve();
      await waiting;
      expect(runtime.sinkStatus()).toMatchObject([{ lag: 0 }]);
    } finally {
      await runtime.close();
    }
  });

  it('may fail in the middle of it: it is asked where it stands, and goes on from there', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await filled(directory.path, sink, 12_000);
    sink.marks.set(0, 99);
    let writes = 0;
    sink.beforeWrite = () => {
      if (++writes === 2) throw new Error('away again');
    };
    await withSink(sink, { directory: directory.path }, (runtime) => runtime.whenSinksCaughtUp());
    expect(sink.offsetsOf(0)).toEqual(Array.from({ length: 11_900 }, (_, i) => i + 100));
  });

  it('that comes back from a failure without its last writes gets these first', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await withSink(sink, { directory: directory.path }, async (runtime) => {
      await produceMany(runtime, 5);
      await runtime.whenSinksCaughtUp();
      let failed = false;
      sink.beforeWrite = () => {
        if (failed) return;
        failed = true;
        sink.marks.set(0, 1);
        throw new Error('failed over');
      };
      await produceMany(runtime, 2);
      await runtime.whenSinksCaughtUp();
    });
    expect(sink.calls).toEqual([
      'open',
      'live 0: 0-4 (5)',
      'live 0: 5-6 (2)',
      'restore 0: 2-4 (3)',
      'live 0: 5-6 (2)',
      'close',
    ]);
  });

  it('whose mark is ahead or level gets nothing again', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await filled(directory.path, sink, 10);
    for (const mark of [9, 20]) {
      sink.marks.set(0, mark);
      await withSink(sink, { directory: directory.path }, (runtime) => runtime.whenSinksCaughtUp());
    }
    expect(sink.batches).toEqual([]);
  });

  it('that keeps no marks gets nothing again', async () => {
    using directory = temporaryDirectory();
    const sink = new RecordingSink();
    await filled(directory.path, sink, 10);
    sink.marks.clear();
    await withSink(sink, { directory: directory.path }, (runtime) => runtime.whenSinksCaughtUp());
    expect(sink.batches).toEqual([]);
  });
});
