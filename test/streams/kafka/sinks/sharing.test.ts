import type { KafkaSinkStatus, KafkaSinks } from '@incident-streams/streams/kafka';
import { expect, it } from 'vitest';
import { describeWith } from '../../../services/describe-with.ts';
import { eventually } from '../../eventually.ts';
import { RecordingSink } from '../../sinks/recording-sink.ts';
import { offsetsUpTo, recordsFor } from '../../sinks/sink-cases.ts';
import { KafkaSinkPlace } from './kafka-sink-place.ts';

function statusOf(sinks: KafkaSinks): KafkaSinkStatus {
  const [status] = sinks.status();
  if (status === undefined) throw new Error('there is no sink');
  return status;
}

function partitionsOf(...workers: readonly KafkaSinks[]): number[] {
  return workers.flatMap((sinks) => statusOf(sinks).partitions).sort((a, b) => a - b);
}

async function untilShared(workers: readonly KafkaSinks[], partitions: number): Promise<void> {
  await eventually(() => {
    expect(partitionsOf(...workers)).toEqual(offsetsUpTo(partitions));
    const sizes = workers.map((sinks) => partitionsOf(sinks).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });
}

await describeWith(['kafka'], 'workers of one sink', ({ kafka }) => {
  it('share its partitions, move few when one comes or goes, and deliver each record once', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 6);
    const sink = new RecordingSink();
    const workers = [place.sinks(sink), place.sinks(sink), place.sinks(sink)] as const;
    const [first, second, third] = workers;
    try {
      first.start();
      await untilShared([first], 6);
      await place.produce(recordsFor(6, 10));
      second.start();
      await untilShared([first, second], 6);
      await place.produce(recordsFor(6, 10));
      const before = partitionsOf(first);
      third.start();
      await untilShared([first, second, third], 6);
      expect(before).toEqual(expect.arrayContaining(partitionsOf(first)));
      await place.produce(recordsFor(6, 10));
      await second.close();
      await untilShared([first, third], 6);
      await place.produce(recordsFor(6, 10));
      await Promise.all([first.whenCaughtUp(), third.whenCaughtUp()]);
    } finally {
      await Promise.all(workers.map((sinks) => sinks.close()));
    }
    for (const partition of offsetsUpTo(6)) expect(sink.offsetsOf(partition)).toEqual(offsetsUpTo(40));
  });

  it('let a write come to its end before its partition moves', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 2);
    const sink = new RecordingSink();
    const gate = Promise.withResolvers<void>();
    sink.beforeWrite = () => gate.promise;
    const [first, second] = [place.sinks(sink), place.sinks(sink)];
    try {
      await place.produce(recordsFor(2, 5));
      first.start();
      await eventually(() => expect(sink.calls.filter((call) => call.startsWith('live'))).toHaveLength(2));
      second.start();
      await eventually(() => expect(statusOf(first).state).toBe('rebalancing'));
      gate.resolve();
      await untilShared([first, second], 2);
      await Promise.all([first.whenCaughtUp(), second.whenCaughtUp()]);
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
    expect(sink.calls.filter((call) => call.startsWith('live')).sort()).toEqual([
      'live 0: 0-4 (5)',
      'live 1: 0-4 (5)',
    ]);
  });

  it('take over from a write that hangs, and deliver the same batch however much has come since', async () => {
    await using place = await KafkaSinkPlace.make(kafka, 2);
    const [hanging, sink] = [new RecordingSink(), new RecordingSink()];
    const gate = Promise.withResolvers<void>();
    hanging.beforeWrite = () => gate.promise;
    const options = { rebalanceTimeoutMs: 3_000, closeTimeoutMs: 500 };
    const [first, second] = [place.sinks(hanging, options), place.sinks(sink, options)];
    try {
      await place.produce(recordsFor(2, 5));
      first.start();
      await eventually(() => expect(hanging.calls.filter((call) => call.startsWith('live'))).toHaveLength(2));
      await place.produce(recordsFor(2, 5));
      second.start();
      await untilShared([first, second], 2);
      await first.close();
      await untilShared([second], 2);
      await second.whenCaughtUp();
      gate.resolve();
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
    const callsOf = (partition: number) => sink.calls.filter((call) => call.startsWith(`live ${partition}`));
    for (const partition of [0, 1])
      expect(callsOf(partition)).toEqual([`live ${partition}: 0-4 (5)`, `live ${partition}: 5-9 (5)`]);
    // The write that hung has ended meanwhile: nothing came of it that others could see.
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    expect(callsOf(0)).toHaveLength(2);
  });
});
