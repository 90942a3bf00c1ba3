import type { SinkDeliveryEvent } from '@incident-streams/streams/embedded';
import { expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { RecordingSink } from './recording-sink.ts';
import { RestorableSink, restorable } from './restorable-sink.ts';
import { recordsFor } from './sink-cases.ts';
import type { SinkHost } from './sink-host.ts';
import { tableOf } from './snapshot-cases.ts';

const connector = 'sink';

function away(reason: string, code: string): Error {
  return Object.assign(new Error(reason), { code });
}

/**
 * Hears what a test is about: of failures those with its reasons, and the recovery from them. A broker that is busy may
 * cause others.
 */
function hearing(...reasons: readonly string[]) {
  const events: SinkDeliveryEvent[] = [];
  let hasFailed = false;
  const onSinkEvent = (event: SinkDeliveryEvent): void => {
    if (event.type === 'sink-retrying' && !reasons.includes(event.reason)) return;
    if (event.type === 'sink-recovered' && !hasFailed) return;
    if (event.type === 'sink-retrying') hasFailed = true;
    if (event.type === 'sink-recovered') hasFailed = false;
    events.push(event);
  };
  return { events, onSinkEvent };
}

/** What is told of a delivery, on whatever runtime. */
export function testSinkEvents(host: SinkHost): void {
  it('each failure with its code and its partition, and once that all is well again', async () => {
    await using place = await host.place(2);
    const { events, onSinkEvent } = hearing('nobody there');
    const sink = new RecordingSink();
    let isAway = true;
    sink.beforeWrite = ({ partition }) => {
      if (isAway && partition === 1) throw away('nobody there', 'AWAY');
    };
    await place.produce(recordsFor(2, 3));
    await place.run(
      sink,
      async (sinks) => {
        await eventually(() => expect(events.length).toBeGreaterThanOrEqual(3));
        isAway = false;
        await sinks.whenCaughtUp();
        await eventually(() => expect(events.at(-1)?.type).toBe('sink-recovered'));
      },
      { onSinkEvent },
    );
    const failed = {
      type: 'sink-retrying',
      connector,
      reason: 'nobody there',
      code: 'AWAY',
      partitions: [1],
    };
    for (const event of events.slice(0, -1)) expect(event).toEqual(failed);
    expect(events.at(-1)).toEqual({ type: 'sink-recovered', connector });
  });

  it('a connector that cannot be opened, without partitions', async () => {
    await using place = await host.place(1);
    const { events, onSinkEvent } = hearing('nobody there');
    const sink = new RecordingSink();
    let attempts = 0;
    sink.beforeOpen = () => {
      if (++attempts < 3) throw new Error('nobody there');
    };
    await place.run(
      sink,
      async (sinks) => {
        await sinks.whenCaughtUp();
        await eventually(() => expect(events).toHaveLength(3));
      },
      { onSinkEvent },
    );
    const failed = {
      type: 'sink-retrying',
      connector,
      reason: 'nobody there',
      code: undefined,
      partitions: [],
    };
    expect(events).toEqual([failed, failed, { type: 'sink-recovered', connector }]);
  });

  it('no loss where nothing is lost', async () => {
    await using place = await host.place(2, restorable());
    const { events, onSinkEvent } = hearing();
    for (let run = 0; run < 2; run++) {
      await place.produce(recordsFor(2, 3));
      const sink = new RecordingSink();
      await place.run(sink, (sinks) => sinks.whenCaughtUp(), { onSinkEvent });
    }
    expect(events).toEqual([]);
  });

  it('which of its last writes an outside system has lost, and that it has them again', async () => {
    await using place = await host.place(2, restorable());
    const { events, onSinkEvent } = hearing();
    const sink = new RestorableSink();
    await place.produce([...recordsFor(2, 10), ...tableOf({ a: '1' })]);
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    sink.marks.set(1, 3);
    await place.run(sink, (sinks) => sinks.whenCaughtUp(), { onSinkEvent });
    expect(events).toEqual([
      { type: 'sink-restoring', connector, partition: 1, fromOffset: 4, toOffset: 10, snapshot: false },
      { type: 'sink-restored', connector, partition: 1 },
    ]);
  });

  it('a loss of everything once, with its table, however many attempts the restore takes', async () => {
    await using place = await host.place(1, restorable());
    const { events, onSinkEvent } = hearing('no table now', 'no batch now');
    const sink = Object.assign(new RestorableSink(), { maxBatchRecords: 2 });
    await place.produce([...recordsFor(1, 5), ...tableOf({ a: '1' })]);
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    sink.forget();
    const failures = { table: 0, batch: 0 };
    sink.beforeSnapshot = () => {
      if (failures.table++ < 2) throw away('no table now', 'AWAY');
    };
    sink.beforeWrite = ({ lastOffset }) => {
      if (lastOffset === 4 && failures.batch++ < 1) throw away('no batch now', 'AWAY');
    };
    await place.run(
      sink,
      async (sinks) => {
        await sinks.whenCaughtUp();
        await eventually(() => expect(events.at(-1)?.type).toBe('sink-recovered'));
      },
      { onSinkEvent },
    );
    const restoring = events.filter(({ type }) => type === 'sink-restoring' || type === 'sink-restored');
    expect(restoring).toEqual([
      { type: 'sink-restoring', connector, partition: 0, fromOffset: 0, toOffset: 5, snapshot: true },
      { type: 'sink-restored', connector, partition: 0 },
    ]);
  });
}
