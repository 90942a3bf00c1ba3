import { bytesSerde } from '@incident-streams/streams';
import type { Serde } from '@incident-streams/streams';
import { dumpKeyValues, textRecord } from '../stream-case.ts';
import type { StreamCase } from '../stream-case.ts';
import { fromInput, text } from './declare.ts';

/** Refuses to see null: the runtime must never hand it one. */
const strictSerde: Serde<Uint8Array> = {
  serialize: (value) => bytesSerde.serialize(value.subarray(0)),
  deserialize: (bytes) => bytesSerde.deserialize(bytes.subarray(0)),
};

export const nullCases: readonly StreamCase[] = [
  {
    name: 'no key, a tombstone, an empty key and an empty value stay what they are',
    declare: fromInput((input) => void input.filter(() => true).to('out', text)),
    input: [
      textRecord('in', null, 'v', 1),
      textRecord('in', 'k', null, 2),
      textRecord('in', '', 'v', 3),
      textRecord('in', 'k', '', 4),
      textRecord('in', null, null, 5),
    ],
    expected: { out: ['[0] null=v @1', '[0] k=null @2', '[0] =v @3', '[0] k= @4', '[0] null=null @5'] },
  },
  {
    name: 'a serde never sees null',
    declare: fromInput((_input, builder) => {
      const serdes = { key: strictSerde, value: strictSerde };
      builder
        .stream('bytes', serdes)
        .repartition({ name: 'through', ...serdes })
        .to('out', serdes);
    }),
    input: [textRecord('bytes', null, null, 1), textRecord('bytes', 'k', 'v', 2)],
    expected: {
      'through-repartition': ['[0] null=null @1', '[0] k=v @2'],
      out: ['[0] null=null @1', '[0] k=v @2'],
    },
  },
  {
    name: 'an aggregation counts records without a key or without a value and folds neither',
    declare: fromInput((input) => {
      const counts = input.groupByKey(text).count({ name: 'counts' });
      counts.toStream().mapValues(String).to('out', text);
      return [dumpKeyValues(counts.store)];
    }),
    input: [
      textRecord('in', null, 'v', 1),
      textRecord('in', 'k', 'v', 2),
      textRecord('in', 'k', null, 3),
      textRecord('in', 'k', 'v', 4),
      textRecord('in', null, null, 5),
    ],
    expected: { out: ['[0] k=1 @2', '[0] k=2 @4'] },
    counters: { 'null-key': 2, 'null-value': 1, processed: 5 },
    stores: { counts: ['[0] k=2'] },
  },
  {
    name: 'a windowed aggregation counts records without a key or without a value and folds neither',
    declare: fromInput((input) => {
      input
        .groupByKey(text)
        .windowedBy({ sizeMs: 10, graceMs: 0 })
        .count({ name: 'counts' })
        .toStream()
        .map(({ key, startMs }, count) => [`${key}@${startMs}`, String(count)])
        .to('out', text);
    }),
    input: [
      textRecord('in', null, 'v', 1),
      textRecord('in', 'k', 'v', 2),
      textRecord('in', 'k', null, 3),
      textRecord('in', 'k', 'v', 4),
    ],
    expected: { out: ['[0] k@0=1 @2', '[0] k@0=2 @4'] },
    counters: { 'null-key': 1, 'null-value': 1 },
  },
  {
    name: 'text that is not well-formed Unicode is one key, before and after it has been stored',
    declare: fromInput((input) => {
      input
        .mapValues((value): string => (value === 'lone' ? '\ud800' : '\ufffd'))
        .selectKey((_key, value) => value)
        .groupByKey({ ...text, name: 'by-text' })
        .count({ name: 'counts' })
        .toStream()
        .mapValues(String)
        .to('out', text);
      input
        .dedupe({
          id: (_key, value) => (value === 'lone' ? '\ud800' : '\ufffd'),
          withinMs: 100,
          name: 'once',
        })
        .to('first', text);
    }),
    input: [
      textRecord('in', 'k', 'lone', 1),
      textRecord('in', 'k', 'replacement', 2),
      textRecord('in', 'k', 'lone', 3),
    ],
    expected: {
      out: ['[0] 0xefbfbd=1 @1', '[0] 0xefbfbd=2 @2', '[0] 0xefbfbd=3 @3'],
      first: ['[0] k=lone @1'],
    },
  },
  {
    name: 'a byte order mark is part of the text',
    declare: fromInput((input) => void input.mapValues((value) => String(value.length)).to('out', text)),
    input: [textRecord('in', 'k', '\ufeffa', 1)],
    expected: { out: ['[0] k=2 @1'] },
  },
];
