import { tumblingWindows } from '@incident-streams/streams';
import type { EmitStrategy } from '@incident-streams/streams';
import { dumpWindows, textRecord } from '../stream-case.ts';
import type { StreamCase } from '../stream-case.ts';
import { fromInput, text } from './declare.ts';

/** Joins the values of each window of 10 ms; a window closes 5 ms of stream time after its end. */
function joinedWindows(emit: EmitStrategy, graceMs = 5) {
  return fromInput((input) => {
    const joined = input
      .groupByKey(text)
      .windowedBy(tumblingWindows({ sizeMs: 10, graceMs }), { emit })
      .reduce((left, right) => `${left}+${right}`, { name: 'joined' });
    joined
      .toStream()
      .map(({ key, startMs, endMs }, value) => [`${key}@${startMs}-${endMs}`, value])
      .to('out', text);
    return [dumpWindows(joined.store)];
  });
}

const record = (key: string, value: string, timestamp: number) => textRecord('in', key, value, timestamp);

export const windowCases: readonly StreamCase[] = [
  {
    name: 'on-update: each change of a window is passed on, late records are counted and not folded',
    declare: joinedWindows('on-update'),
    input: [
      record('a', '1', 0),
      record('a', '2', 9),
      record('a', '3', 10),
      textRecord('in', 'a', '4', 3, { headers: { trace: 't' } }), // the window [0, 10) closes at 15
      record('b', '5', 14),
      record('a', '6', 9), // stream time is 14: not yet
      record('b', '7', 15),
      record('a', '8', 9), // too late
      record('a', '9', 12),
    ],
    expected: {
      out: [
        '[0] a@0-10=1 @0',
        '[0] a@0-10=1+2 @9',
        '[0] a@10-20=3 @10',
        '[0] a@0-10=1+2+4 @3 {trace:t}',
        '[0] b@10-20=5 @14',
        '[0] a@0-10=1+2+4+6 @9',
        '[0] b@10-20=5+7 @15',
        '[0] a@10-20=3+9 @12',
      ],
    },
    counters: { 'late-record': 1, processed: 9 },
    stores: { joined: ['[0] a@10="3+9"', '[0] b@10="5+7"'] },
  },
  {
    name: 'on-window-close: one final result when stream time reaches end plus grace, before the record that moved it',
    declare: joinedWindows('on-window-close'),
    input: [
      record('a', '1', 0),
      record('a', '2', 14),
      record('a', '3', 9),
      record('a', '4', 15),
      record('a', '5', 9),
    ],
    expected: { out: ['[0] a@0-10=1+3 @9'] },
    counters: { 'late-record': 1 },
    stores: { joined: ['[0] a@10="2+4"'] },
  },
  {
    name: 'windows that close together come out by start and then by key, whatever the order of arrival',
    declare: joinedWindows('on-window-close', 100),
    input: [
      record('c', '1', 12),
      record('b', '2', 5),
      record('é', '3', 5),
      record('a', '4', 25),
      record('a', '5', 5),
      record('aa', '6', 6),
      record('b', '7', 25),
      record('z', '8', 200),
    ],
    expected: {
      out: [
        '[0] a@0-10=5 @9',
        '[0] aa@0-10=6 @9',
        '[0] b@0-10=2 @9',
        '[0] 0xc3a940302d3130=3 @9',
        '[0] c@10-20=1 @19',
        '[0] a@20-30=4 @29',
        '[0] b@20-30=7 @29',
      ],
    },
    stores: { joined: ['[0] z@200="8"'] },
  },
  {
    name: 'a big jump of stream time closes every window once, also the one that the last step had opened',
    declare: joinedWindows('on-window-close'),
    input: [
      record('a', '1', 0),
      record('a', '2', 1_000_000),
      record('b', '3', 1_700_000_000_000),
      record('c', '4', 9_007_199_254_000_000),
    ],
    expected: {
      out: [
        '[0] a@0-10=1 @9',
        '[0] a@1000000-1000010=2 @1000009',
        '[0] b@1700000000000-1700000000010=3 @1700000000009',
      ],
    },
    stores: { joined: ['[0] c@9007199254000000="4"'] },
  },
  {
    name: 'a window that opens behind stream time within its grace closes in the next step',
    declare: joinedWindows('on-window-close'),
    input: [record('a', '1', 14), record('b', '2', 9), record('a', '3', 15), record('a', '4', 30)],
    expected: { out: ['[0] b@0-10=2 @9', '[0] a@10-20=1+3 @19'] },
  },
  {
    name: 'without grace a window closes at its end',
    declare: joinedWindows('on-window-close', 0),
    input: [record('a', '1', 9), record('a', '2', 10), record('a', '3', 9)],
    expected: { out: ['[0] a@0-10=1 @9'] },
    counters: { 'late-record': 1 },
  },
  {
    name: 'each partition has a stream time of its own',
    partitions: 2,
    declare: joinedWindows('on-window-close', 0),
    input: [
      textRecord('in', 'a', '1', 5, { partition: 0 }),
      textRecord('in', 'd', '2', 500, { partition: 1 }),
      textRecord('in', 'a', '3', 9, { partition: 0 }),
      textRecord('in', 'a', '4', 10, { partition: 0 }),
    ],
    // The key of the output is another, so its partition is too.
    expected: { in: ['[0] a=1 @5', '[0] a=3 @9', '[0] a=4 @10', '[1] d=2 @500'] },
    stores: { joined: ['[0] a@10="4"', '[1] d@500="2"'] },
    counters: { 'late-record': 0 },
  },
  {
    name: 'windows with one key many times and many windows of one key',
    declare: fromInput((input) => {
      const counts = input
        .groupByKey(text)
        .windowedBy(tumblingWindows({ sizeMs: 2, graceMs: 3 }), { emit: 'on-window-close' })
        .count({ name: 'counts' });
      counts
        .toStream()
        .map(({ key, startMs }, count) => [`${key}@${startMs}`, String(count)])
        .to('out', text);
      return [dumpWindows(counts.store)];
    }),
    input: Array.from({ length: 12 }, (_, i) => record('k', '', i % 2 === 0 ? i : i - 1)),
    expected: { out: ['[0] k@0=2 @1', '[0] k@2=2 @3', '[0] k@4=2 @5'] },
    stores: { counts: ['[0] k@6=2', '[0] k@8=2', '[0] k@10=2'] },
  },
  {
    name: 'a table of windows can be grouped again: its keys already lie where they belong',
    declare: fromInput((input) => {
      const windowText = {
        serialize: ({ key, startMs, endMs }: { key: string; startMs: number; endMs: number }) =>
          Buffer.from(`${key}@${startMs}-${endMs}`),
        deserialize: () => ({ key: '', startMs: 0, endMs: 0 }),
      };
      input
        .groupByKey(text)
        .windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 }))
        .count({ name: 'counts' })
        .toStream()
        .mapValues(String)
        .groupByKey({ key: windowText, value: text.value })
        .reduce((left, right) => `${left},${right}`, { name: 'changes' })
        .toStream()
        .to('out', { key: windowText, value: text.value });
    }),
    input: [record('a', '', 1), record('a', '', 2), record('a', '', 11)],
    expected: { out: ['[0] a@0-10=1 @1', '[0] a@0-10=1,2 @2', '[0] a@10-20=1 @11'] },
  },
];
