import { SinkDeadLetterError, StreamsBuilder } from '@incident-streams/streams';
import type { SinkBatch, SinkConnector, SinkSource, Topology } from '@incident-streams/streams';
import { expect, it } from 'vitest';
import { text } from '../embedded/open-runtime.ts';
import { eventually } from '../eventually.ts';
import { textRecord } from '../stream-case.ts';
import { RecordingSink } from './recording-sink.ts';
import { recordsFor } from './sink-cases.ts';
import type { SinkHost } from './sink-host.ts';

/** `out` feeds the sink named `sink`; what it gives up feeds the sink named `graveyard`. */
function withGraveyard(): Topology {
  const builder = new StreamsBuilder({ deadLetterTopic: 'dead' });
  builder.stream('in', text).to('out', text).toSink('sink');
  builder.deadLetters().toSink('graveyard');
  return builder.build();
}

/** Takes bytes. */
class Graveyard implements SinkConnector<Uint8Array | null, Uint8Array> {
  readonly batches: SinkBatch<Uint8Array | null, Uint8Array>[] = [];
  source: SinkSource | undefined;
  beforeWrite: (batch: SinkBatch<Uint8Array | null, Uint8Array>) => Promise<void> = () => Promise.resolve();

  open(source: SinkSource): Promise<void> {
    this.source = source;
    return Promise.resolve();
  }

  appliedOffset(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async write(batch: SinkBatch<Uint8Array | null, Uint8Array>): Promise<void> {
    await this.beforeWrite(batch);
    this.batches.push(batch);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Keys, values, times and headers as text. */
  shown() {
    return this.batches
      .flatMap(({ records }) => records)
      .map(({ key, value, timestamp, headers }) => ({
        key: key === null ? null : Buffer.from(key).toString(),
        value: value === null ? null : Buffer.from(value).toString(),
        timestamp,
        headers: Object.fromEntries(
          headers.map((header) => [header.name, Buffer.from(header.value).toString()]),
        ),
      }));
  }
}

/** Gives up the records with these offsets. */
function givingUp(sink: RecordingSink, ...offsets: readonly number[]): void {
  sink.beforeWrite = async ({ partition, records }) => {
    for (const { offset } of records)
      if (offsets.includes(offset))
        await sink.source?.deadLetter({ partition, offset }, new TypeError(`not ${offset}`));
  };
}

/** What becomes of records that an outside system will never take, on whatever runtime. */
export function testDeadLetters(host: SinkHost): void {
  it('gives up a record: it is in the dead letters as it came, with the reason and its place', async () => {
    await using place = await host.place(2, withGraveyard());
    const [sink, graveyard] = [new RecordingSink(), new Graveyard()];
    givingUp(sink, 1);
    await place.produce([
      textRecord('out', 'a', 'good', 1, { partition: 1 }),
      textRecord('out', null, null, 2, { partition: 1, headers: { mine: 'kept' } }),
    ]);
    await place.run(
      sink,
      async (sinks) => {
        await sinks.whenCaughtUp();
        await eventually(() => expect(graveyard.batches).toHaveLength(1));
      },
      { others: { graveyard } },
    );
    const [letter] = graveyard.shown();
    expect(letter).toMatchObject({
      key: null,
      value: null,
      timestamp: 2,
      headers: {
        mine: 'kept',
        '__streams.errors.exception': 'TypeError',
        '__streams.errors.message': 'not 1',
        '__streams.errors.partition': '1',
        '__streams.errors.offset': '1',
      },
    });
    expect(letter?.headers['__streams.errors.topic']).toMatch(/out$/);
    expect(sink.offsetsOf(1)).toEqual([0, 1]);
  });

  it('has the record in the dead letters when it is told so: a crash after that loses nothing', async () => {
    await using place = await host.place(1, withGraveyard());
    const sink = new RecordingSink();
    givingUp(sink, 0, 2);
    await place.produce(recordsFor(1, 3));
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    const graveyard = new Graveyard();
    await place.run(new RecordingSink(), (sinks) => sinks.whenCaughtUp(), { others: { graveyard } });
    expect(
      graveyard
        .shown()
        .map(({ value }) => value)
        .sort(),
    ).toEqual(['v0', 'v2']);
  });

  it('cannot give up what it is not writing', async () => {
    await using place = await host.place(1, withGraveyard());
    const sink = new RecordingSink();
    const refusals: unknown[] = [];
    sink.beforeWrite = async () => {
      for (const strange of [
        { partition: 0, offset: 3 },
        { partition: 1, offset: 0 },
      ])
        await sink.source
          ?.deadLetter(strange, new Error('no'))
          .catch((error: unknown) => refusals.push(error));
    };
    await place.produce(recordsFor(1, 3));
    await place.run(sink, (sinks) => sinks.whenCaughtUp());
    const late = await sink.source
      ?.deadLetter({ partition: 0, offset: 0 }, new Error('late'))
      .catch((error: unknown) => error);
    for (const refusal of [...refusals, late]) expect(refusal).toBeInstanceOf(SinkDeadLetterError);
    expect(refusals).toHaveLength(2);
    expect(String(late)).toContain('out[0]@0: the sink "sink" gives up a record that it is not writing');
  });

  it('is refused where the topology has no dead letters, and its batch is tried again', async () => {
    await using place = await host.place(1);
    const sink = new RecordingSink();
    givingUp(sink, 0);
    await place.produce(recordsFor(1, 1));
    await place.run(sink, async (sinks) => {
      await eventually(() =>
        expect(sinks.status()[0]?.failure).toBe(
          'out[0]@0: the sink "sink" gives the record up, but the topology declares no dead-letter topic',
        ),
      );
      givingUp(sink);
      await sinks.whenCaughtUp();
    });
    expect(sink.offsetsOf(0)).toEqual([0]);
  });

  it('that reads the dead letters cannot give one up: it would come back for ever', async () => {
    await using place = await host.place(1, withGraveyard());
    const graveyard = new Graveyard();
    graveyard.beforeWrite = async ({ partition, firstOffset }) =>
      graveyard.source?.deadLetter({ partition, offset: firstOffset }, new Error('no'));
    await place.produce([textRecord('dead', 'k', 'v', 1, { partition: 0 })]);
    await place.run(
      new RecordingSink(),
      (sinks) =>
        eventually(() =>
          expect(sinks.status().find(({ connector }) => connector === 'graveyard')?.failure).toMatch(
            /^dead\[0\]@0: the sink "graveyard" gives up a dead letter/,
          ),
        ),
      { others: { graveyard } },
    );
  });
}
