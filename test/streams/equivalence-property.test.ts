import {
  NO_HEADERS,
  StreamsBuilder,
  doubleSerde,
  keyValueStore,
  stringSerde,
  tumblingWindows,
} from '@incident-streams/streams';
import type { KeyValueStore, ProcessorContext, StreamRecord } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from './embedded/open-runtime.ts';
import { runEmbedded, runInTestDriver } from './runtimes.ts';
import { dumpKeyValues, dumpWindows, textRecord } from './stream-case.ts';
import type { DeclaredCase, InputRecord } from './stream-case.ts';

/** A bit of everything. Each topic's partition is written by one task, so that its order is reproducible. */
function mixed(): DeclaredCase {
  const builder = new StreamsBuilder({ deadLetterTopic: 'dead' });
  const seen = keyValueStore({ name: 'seen', key: stringSerde, value: doubleSerde, cacheEntries: 2 });
  const report = () => {
    let context: ProcessorContext<string, string>;
    let store: KeyValueStore<string, number>;
    return {
      init: (given: ProcessorContext<string, string>) => {
        context = given;
        store = given.store(seen);
        given.schedule(25, 'stream-time', (timeMs) => {
          for (const [key, count] of store.entries()) {
            context.forward({ key, value: `${count}`, timestamp: timeMs, headers: NO_HEADERS });
            store.delete(key);
          }
        });
      },
      process: ({ key, value }: StreamRecord<string, string>) => {
        if (value === 'z') context.deadLetter(new Error('no z'));
        else store.put(key, (store.get(key) ?? 0) + 1);
      },
    };
  };
  const input = builder.stream('in', text).filter((key, value) => key !== null && value !== null);
  const once = input.dedupe({ id: (_key, value) => value, withinMs: 15, name: 'once' });
  once.process(report, { stores: [seen] }).to('reports', text);
  once.to('once', text);
  const grouped = input.groupBy((_key, value) => value, { ...text, name: 'by-value' });
  const counts = grouped.count({ name: 'counts' });
  counts.toStream().mapValues(String).to('counts', text);
  const windows = grouped
    .windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 7 }), { emit: 'on-window-close' })
    .reduce((left, right) => left + right, { name: 'windows' });
  windows
    .toStream()
    .map(({ key, startMs }, value) => [key, `${value}@${startMs}`])
    .to('windows', text);
  return {
    topology: builder.build(),
    stores: [dumpKeyValues(seen), dumpKeyValues(counts.store), dumpWindows(windows.store)],
  };
}

const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'z');
const inputs = fc.array(
  fc.record({
    key: fc.option(letter, { freq: 10 }),
    value: fc.option(letter, { freq: 10 }),
    timestamp: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 120 }) },
      fc.constant(-1),
      fc.nat(5_000),
    ),
  }),
  { minLength: 1, maxLength: 60 },
);

const recordsOf = (
  drawn: readonly { key: string | null; value: string | null; timestamp: number }[],
): InputRecord[] =>
  drawn.map(({ key, value, timestamp }) => textRecord('in', key, value, timestamp, { partition: 0 }));

/** Cuts a list at random places. */
function cut<T>(list: readonly T[], sizes: readonly number[]): T[][] {
  const portions: T[][] = [];
  let at = 0;
  for (let i = 0; at < list.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    portions.push(list.slice(at, at + size));
    at += size;
  }
  return portions;
}

describe('for any input', () => {
  it('the embedded runtime gives what the test driver gives, however the input is cut and wherever it is reopened', async () => {
    await fc.assert(
      fc.asyncProperty(
        inputs,
        fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
        async (drawn, sizes, reopenings) => {
          const runnable = { declare: mixed, input: recordsOf(drawn), partitions: 3 };
          const outcome = await runEmbedded(runnable, cut(runnable.input, sizes), {
            reopen: (portion) => reopenings[portion % reopenings.length] ?? false,
          });
          expect(outcome).toEqual(runInTestDriver(runnable));
        },
      ),
      { numRuns: 250 },
    );
  });
});
