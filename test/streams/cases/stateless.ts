import { textRecord } from '../stream-case.ts';
import type { StreamCase } from '../stream-case.ts';
import { fromInput, text } from './declare.ts';

const threeRecords = [
  textRecord('in', 'a', '1', 10),
  textRecord('in', 'b', '22', 5, { headers: { trace: 'x', span: 'y' } }),
  textRecord('in', 'c', '333', 20),
];

export const statelessCases: readonly StreamCase[] = [
  {
    name: 'filter keeps what the predicate accepts, with timestamps and headers',
    declare: fromInput((input) => void input.filter((_key, value) => value.length > 1).to('out', text)),
    input: threeRecords,
    expected: { out: ['[0] b=22 @5 {trace:x, span:y}', '[0] c=333 @20'] },
  },
  {
    name: 'filterNot keeps the others',
    declare: fromInput((input) => void input.filterNot((_key, value) => value.length > 1).to('out', text)),
    input: threeRecords,
    expected: { out: ['[0] a=1 @10'] },
  },
  {
    name: 'map changes key and value, and nothing else',
    declare: fromInput((input) => void input.map((key, value) => [`${key}!`, `${value}?`]).to('out', text)),
    input: threeRecords,
    expected: { out: ['[0] a!=1? @10', '[0] b!=22? @5 {trace:x, span:y}', '[0] c!=333? @20'] },
  },
  {
    name: 'mapValues sees the key and keeps it',
    declare: fromInput((input) => void input.mapValues((value, key) => `${key}:${value}`).to('out', text)),
    input: threeRecords,
    expected: { out: ['[0] a=a:1 @10', '[0] b=b:22 @5 {trace:x, span:y}', '[0] c=c:333 @20'] },
  },
  {
    name: 'flatMap gives none, one or many, in order',
    declare: fromInput(
      (input) =>
        void input
          .flatMap((key, value) =>
            Array.from(value.slice(1), (digit, i): readonly [string, string] => [`${key}${i}`, digit]),
          )
          .to('out', text),
    ),
    input: threeRecords,
    expected: { out: ['[0] b0=2 @5 {trace:x, span:y}', '[0] c0=3 @20', '[0] c1=3 @20'] },
  },
  {
    name: 'selectKey changes the key alone, and the record goes to the partition of its new key',
    partitions: 2,
    declare: fromInput((input) => void input.selectKey((_key, value) => value).to('out', text)),
    input: [textRecord('in', 'a', 'd', 1, { partition: 0 }), textRecord('in', 'a', 'a', 2, { partition: 0 })],
    expected: { out: ['[0] a=a @2', '[1] d=d @1'] },
  },
  {
    name: 'peek passes everything on',
    declare: fromInput((input) => void input.peek(() => undefined).to('out', text)),
    input: threeRecords,
    expected: { out: ['[0] a=1 @10', '[0] b=22 @5 {trace:x, span:y}', '[0] c=333 @20'] },
  },
  {
    name: 'merge takes the records of both streams, in the order of the input',
    declare: fromInput((input) => {
      const long = input.filter((_key, value) => value.length > 1).mapValues((value) => `long ${value}`);
      input
        .filter((_key, value) => value.length === 1)
        .merge(long)
        .to('out', text);
    }),
    input: threeRecords,
    expected: { out: ['[0] a=1 @10', '[0] b=long 22 @5 {trace:x, span:y}', '[0] c=long 333 @20'] },
  },
  {
    name: 'a record goes to the first branch that takes it; what none takes is counted',
    declare: fromInput((input) => {
      const { short, anyB } = input.split([
        { name: 'short', when: (_key, value) => value.length < 3 },
        { name: 'anyB', when: (key) => key === 'b' },
      ]);
      short.to('short', text);
      anyB.to('any-b', text);
    }),
    input: [...threeRecords, textRecord('in', 'b', '4444', 30)],
    expected: {
      short: ['[0] a=1 @10', '[0] b=22 @5 {trace:x, span:y}'],
      'any-b': ['[0] b=4444 @30'],
    },
    counters: { 'branch-unmatched': 1, processed: 4 },
  },
  {
    name: 'a stream that is used twice gives its records to both, the first declared first',
    declare: fromInput((input) => {
      input.mapValues((value) => `first ${value}`).to('out', text);
      input.mapValues((value) => `second ${value}`).to('out', text);
    }),
    input: threeRecords.slice(0, 1),
    expected: { out: ['[0] a=first 1 @10', '[0] a=second 1 @10'] },
  },
];
