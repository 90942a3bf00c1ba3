import { expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { textRecord } from '../stream-case.ts';
import type { InputRecord } from '../stream-case.ts';
import { RestorableSink, restorable } from './restorable-sink.ts';
import { recordsFor } from './sink-cases.ts';
import type { SinkHost } from './sink-host.ts';

/** The table with these entries; null deletes. */
export function tableOf(entries: Readonly<Record<string, string | null>>): InputRecord[] {
  return Object.entries(entries).map(([key, value], i) =>
    textRecord('table', key, value, i, { partition: 0 }),
  );
}

/** How an outside system gets back what it has lost, on whatever runtime. */
export function testSnapshots(host: SinkHost): void {
  it('that lost everything gets the table as it is now, then the topic, and tells nobody', async () => {
    await using place = await host.place(1, restorable());
    const sink = new RestorableSink();
    await place.produce([...recordsFor(1, 10), ...tableOf({ a: 'old', b: 'gone', c: '3' })]);
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    sink.forget();
    await place.produce(tableOf({ a: 'new', b: null }));
    await place.produce(recordsFor(1, 2));
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    expect(sink.calls).toEqual([
      'open',
      'snapshot 0: up to 9 (a=new, c=3)',
      'restore 0: 0-9 (10)',
      'live 0: 10-11 (2)',
      'close',
    ]);
  });

  it('that lost its last writes only gets those: the topic still holds them', async () => {
    await using place = await host.place(1, restorable());
    const sink = new RestorableSink();
    await place.produce([...recordsFor(1, 10), ...tableOf({ a: '1' })]);
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    sink.calls.length = 0;
    sink.marks.set(0, 3);
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    expect(sink.calls).toEqual(['open', 'restore 0: 4-9 (6)', 'close']);
  });

  it('that never had anything gets no table: it gets the whole topic', async () => {
    await using place = await host.place(1, restorable());
    const sink = new RestorableSink();
    await place.produce([...recordsFor(1, 3), ...tableOf({ a: '1' })]);
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    expect(sink.calls).toEqual(['open', 'live 0: 0-2 (3)', 'close']);
  });

  it('that fails to take the table gets it again, and nothing before it', async () => {
    await using place = await host.place(1, restorable());
    const sink = new RestorableSink();
    await place.produce([...recordsFor(1, 2), ...tableOf({ a: '1' })]);
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    sink.forget();
    let failures = 0;
    sink.beforeSnapshot = () => {
      if (failures++ < 2) throw new Error('not now');
    };
    await place.run(sink, async (sinks) => {
      await eventually(() =>
        expect(sinks.status()).toMatchObject([{ failure: 'not now', restoring: true, lag: 2 }]),
      );
      await sinks.whenCaughtUp();
      expect(sinks.status()).toMatchObject([{ failure: undefined, restoring: false, lag: 0 }]);
    });
    const snapshot = 'snapshot 0: up to 1 (a=1)';
    expect(sink.calls).toEqual(['open', snapshot, snapshot, snapshot, 'restore 0: 0-1 (2)', 'close']);
  });

  it('that is emptied while nothing new comes is restored all the same', async () => {
    await using place = await host.place(2, restorable());
    const sink = new RestorableSink();
    await place.produce([...recordsFor(2, 4), ...tableOf({ a: '1' })]);
    const run = place.run(
      sink,
      async (sinks) => {
        await sinks.whenCaughtUp();
        sink.forget();
        await eventually(() => expect(sink.calls).toHaveLength(4));
        await eventually(() => expect(sinks.status()).toMatchObject([{ restoring: false, lag: 0 }]));
      },
      { markCheckMs: 20 },
    );
    await run;
    expect(sink.calls.filter((call) => call !== 'close').sort()).toEqual([
      'restore 0: 0-3 (4)',
      'restore 1: 0-3 (4)',
      'snapshot 0: up to 3 (a=1)',
      'snapshot 1: up to 3 ()',
    ]);
  });

  it('that keeps no marks is not asked for one again', async () => {
    await using place = await host.place(1);
    const sink = new RestorableSink();
    let asked = 0;
    sink.appliedOffset = () => {
      asked += 1;
      return Promise.resolve(undefined);
    };
    await place.run(
      sink,
      async (sinks) => {
        for (let round = 0; round < 5; round++) {
          await sinks.produce(recordsFor(1, 1));
          await sinks.whenCaughtUp();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
      { markCheckMs: 1 },
    );
    expect(asked).toBe(1);
  });
}
