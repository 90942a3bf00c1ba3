import { expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { textRecord } from '../stream-case.ts';
import type { InputRecord } from '../stream-case.ts';
import { RecordingSink } from './recording-sink.ts';
import type { SinkHost } from './sink-host.ts';

/** So many records for each partition. */
export function recordsFor(partitions: number, count: number): InputRecord[] {
  return Array.from({ length: partitions }, (_, partition) =>
    Array.from({ length: count }, (_, i) => textRecord('out', `k${i}`, `v${i}`, i, { partition })),
  ).flat();
}

export function offsetsUpTo(count: number, from = 0): number[] {
  return Array.from({ length: count - from }, (_, i) => from + i);
}

/** What holds for sinks on whatever runtime. */
export function testSinks(host: SinkHost): void {
  it('gets every record of each partition once and in order, as it was', async () => {
    await using place = await host.place(3);
    const sink = new RecordingSink();
    await place.run(sink, async (sinks) => {
      for (let round = 0; round < 5; round++) await sinks.produce(recordsFor(3, 40));
      await sinks.whenCaughtUp();
      expect(sinks.status()).toMatchObject([{ connector: 'sink', topic: 'out', lag: 0, failure: undefined }]);
    });
    for (const partition of [0, 1, 2]) expect(sink.offsetsOf(partition)).toEqual(offsetsUpTo(200));
    expect(sink.batches.every((batch) => batch.mode === 'live' && batch.topic === 'out')).toBe(true);
    expect(sink.calls.filter((call) => call === 'open' || call === 'close')).toEqual(['open', 'close']);
  });

  it('gets tombstones, missing keys, timestamps and headers', async () => {
    await using place = await host.place(1);
    const sink = new RecordingSink();
    await place.produce([
      textRecord('out', 'k', null, 5, { headers: { a: 'b' } }),
      textRecord('out', null, 'v', 6),
    ]);
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    expect(sink.batches.flatMap((batch) => batch.records)).toEqual([
      { offset: 0, timestamp: 5, key: 'k', value: null, headers: [{ name: 'a', value: Buffer.from('b') }] },
      { offset: 1, timestamp: 6, key: null, value: 'v', headers: [] },
    ]);
  });

  it('hears in every run of the same topic, under the same epoch', async () => {
    await using place = await host.place(2);
    const [first, second] = [new RecordingSink(), new RecordingSink()];
    await place.run(first, (sinks) => sinks.whenCaughtUp());
    await place.run(second, (sinks) => sinks.whenCaughtUp());
    expect(first.source).toMatchObject({ topic: 'out', partitions: 2 });
    expect(first.source?.topicEpoch).toBeGreaterThan(0);
    expect(second.source?.topicEpoch).toBe(first.source?.topicEpoch);
  });

  it('gets a long topic in batches as large as it likes', async () => {
    await using place = await host.place(1);
    await place.produce(recordsFor(1, 12_000));
    const sink = Object.assign(new RecordingSink(), { maxBatchRecords: 700 });
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    expect(sink.offsetsOf(0)).toEqual(offsetsUpTo(12_000));
    expect(Math.max(...sink.batches.map((batch) => batch.records.length))).toBe(700);
  });

  it('that is away for a while misses nothing, and its lag is shown', async () => {
    await using place = await host.place(2);
    const sink = new RecordingSink();
    await place.run(sink, async (sinks) => {
      await sinks.produce(recordsFor(2, 3));
      await sinks.whenCaughtUp();
    });
    await place.produce(recordsFor(2, 10));
    let away = true;
    sink.beforeWrite = () => {
      if (away) throw new Error('nobody there');
    };
    await place.run(sink, async (sinks) => {
      await eventually(() => expect(sinks.status()).toMatchObject([{ lag: 20, failure: 'nobody there' }]));
      away = false;
      await sinks.whenCaughtUp();
      expect(sinks.status()).toMatchObject([{ lag: 0, failure: undefined }]);
    });
    for (const partition of [0, 1]) expect(sink.offsetsOf(partition)).toEqual(offsetsUpTo(13));
  });

  it('whose acknowledgement was lost gets the same batch again, also in the next run', async () => {
    await using place = await host.place(1);
    const sink = new RecordingSink();
    sink.afterWrite = () => {
      throw new Error('the answer was lost');
    };
    await place.produce(recordsFor(1, 3));
    await place.run(sink, async (sinks) => {
      await eventually(() => expect(sink.batches.length).toBeGreaterThan(1));
      await sinks.produce(recordsFor(1, 3));
      await eventually(() => expect(sinks.status()).toMatchObject([{ lag: 6 }]));
    });
    sink.afterWrite = () => undefined;
    const before = sink.batches.length;
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    const [first, ...later] = sink.batches;
    for (const batch of sink.batches.slice(1, before + 1)) expect(batch).toEqual(first);
    expect(later.at(-1)?.firstOffset).toBe(3);
    expect(sink.batches.slice(before).flatMap((batch) => batch.records.map(({ offset }) => offset))).toEqual(
      offsetsUpTo(6),
    );
  });

  it('that lost data gets what is missing as restore batches, then goes on live', async () => {
    await using place = await host.place(1);
    const sink = new RecordingSink();
    await place.produce(recordsFor(1, 10));
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    sink.calls.length = 0;
    sink.marks.set(0, 5);
    await place.produce(recordsFor(1, 2));
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    expect(sink.calls).toEqual(['open', 'restore 0: 6-9 (4)', 'live 0: 10-11 (2)', 'close']);
  });

  it('that comes back from a failure without its last writes gets these first', async () => {
    await using place = await host.place(1);
    const sink = new RecordingSink();
    await place.produce(recordsFor(1, 5));
    await place.run(sink, async (sinks) => {
      await sinks.whenCaughtUp();
      let failed = false;
      sink.beforeWrite = () => {
        if (failed) return;
        failed = true;
        sink.marks.set(0, 1);
        throw new Error('failed over');
      };
      await sinks.produce(recordsFor(1, 2));
      await sinks.whenCaughtUp();
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

  it('that fails for one partition goes on with the others', async () => {
    await using place = await host.place(3);
    const sink = new RecordingSink();
    sink.beforeWrite = ({ partition }) => {
      if (partition === 1) throw new Error('partition 1 is not to my taste');
    };
    await place.produce(recordsFor(3, 4));
    const failure = 'partition 1 is not to my taste';
    const delivered = () => [0, 1, 2].map((partition) => sink.offsetsOf(partition).length);
    await place.run(sink, async (sinks) => {
      await eventually(() => expect(sinks.status()).toMatchObject([{ lag: 4, failure }]));
      await sinks.produce(recordsFor(3, 4));
      await eventually(() => expect(delivered()).toEqual([8, 0, 8]));
      await eventually(() => expect(sinks.status()).toMatchObject([{ lag: 8, failure }]));
    });
  });
}
