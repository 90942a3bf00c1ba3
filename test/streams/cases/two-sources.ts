import { dumpKeyValues, textRecord } from '../stream-case.ts';
import type { StreamCase } from '../stream-case.ts';
import { fromInput, text } from './declare.ts';

export const twoSourceCases: readonly StreamCase[] = [
  {
    name: 'two topics that meet in one sub-topology: the oldest record first',
    declare: fromInput((input, builder) => {
      const merged = input.merge(builder.stream('other', text));
      const joined = merged.groupByKey(text).reduce((left, right) => left + right, { name: 'joined' });
      joined.toStream().to('out', text);
      return [dumpKeyValues(joined.store)];
    }),
    input: [
      textRecord('in', 'k', 'a', 1),
      textRecord('other', 'k', 'b', 2),
      textRecord('other', 'k', 'c', 3),
      textRecord('in', 'k', 'd', 4),
      textRecord('other', 'k', 'e', 5),
    ],
    expected: {
      out: ['[0] k=a @1', '[0] k=ab @2', '[0] k=abc @3', '[0] k=abcd @4', '[0] k=abcde @5'],
    },
    stores: { joined: ['[0] k="abcde"'] },
  },
  {
    name: 'each source takes its event time from where it says',
    declare: fromInput((_input, builder) => {
      builder
        .stream('timed', { ...text, timestamp: ({ value }) => Number(value) })
        .merge(builder.stream('logged', text))
        .to('out', text);
    }),
    input: [textRecord('timed', 'k', '7', 1_000), textRecord('logged', 'k', '8', 2_000)],
    expected: { out: ['[0] k=7 @7', '[0] k=8 @2000'] },
  },
];
