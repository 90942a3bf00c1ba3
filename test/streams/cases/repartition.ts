import { dumpKeyValues, textRecord } from '../stream-case.ts';
import type { StreamCase } from '../stream-case.ts';
import { fromInput, text } from './declare.ts';

/** One partition of input, so that the order in each partition after it is reproducible. */
const fromOnePartition = [
  textRecord('in', 'x', 'a', 1, { partition: 0 }),
  textRecord('in', 'y', 'd', 2, { partition: 0, headers: { trace: 't' } }),
  textRecord('in', 'z', 'a', 3, { partition: 0 }),
  textRecord('in', 'x', 'c', 4, { partition: 0 }),
];

export const repartitionCases: readonly StreamCase[] = [
  {
    name: 'repartition brings each record to the partition of its key, with timestamp and headers',
    partitions: 2,
    declare: fromInput(
      (input) =>
        void input
          .selectKey((_key, value) => value)
          .repartition({ name: 'by-value', ...text })
          .to('out', text),
    ),
    input: fromOnePartition,
    expected: {
      'by-value-repartition': ['[0] a=a @1', '[0] a=a @3', '[0] c=c @4', '[1] d=d @2 {trace:t}'],
      out: ['[0] a=a @1', '[0] a=a @3', '[0] c=c @4', '[1] d=d @2 {trace:t}'],
    },
  },
  {
    name: 'groupByKey does not repartition while the key is the one that was read',
    partitions: 2,
    declare: fromInput((input) => {
      const counts = input
        .mapValues((value) => value)
        .groupByKey(text)
        .count({ name: 'counts' });
      counts.toStream().mapValues(String).to('out', text);
      return [dumpKeyValues(counts.store)];
    }),
    // The partition of the input stays, although no key belongs there by its hash.
    input: [textRecord('in', 'a', '', 1, { partition: 1 }), textRecord('in', 'd', '', 2, { partition: 0 })],
    expected: { out: ['[0] a=1 @1', '[1] d=1 @2'] },
    stores: { counts: ['[0] d=1', '[1] a=1'] },
  },
  {
    name: 'groupByKey repartitions where the key was changed',
    partitions: 2,
    declare: fromInput((input) => {
      const counts = input
        .selectKey((_key, value) => value)
        .groupByKey({ ...text, name: 'by-value' })
        .count({ name: 'counts' });
      counts.toStream().mapValues(String).to('out', text);
      return [dumpKeyValues(counts.store)];
    }),
    input: fromOnePartition,
    expected: {
      'by-value-repartition': ['[0] a=a @1', '[0] a=a @3', '[0] c=c @4', '[1] d=d @2 {trace:t}'],
      out: ['[0] a=1 @1', '[0] a=2 @3', '[0] c=1 @4', '[1] d=1 @2 {trace:t}'],
    },
    stores: { counts: ['[0] a=2', '[0] c=1', '[1] d=1'] },
  },
  {
    name: 'groupBy repartitions by the new key',
    partitions: 2,
    declare: fromInput((input) => {
      const joined = input
        .groupBy((_key, value) => value, { ...text, name: 'by-value' })
        .reduce((left, right) => `${left}+${right}`, { name: 'joined' });
      joined.toStream().to('out', text);
      return [dumpKeyValues(joined.store)];
    }),
    input: fromOnePartition,
    expected: { out: ['[0] a=a @1', '[0] a=a+a @3', '[0] c=c @4', '[1] d=d @2 {trace:t}'] },
    stores: { joined: ['[0] a="a+a"', '[0] c="c"', '[1] d="d"'] },
  },
  {
    name: 'a custom processor may change keys, so a grouping after it repartitions; processValues promises that it does not',
    partitions: 2,
    declare: fromInput((input) => {
      const pass = () => {
        let forward: (record: { key: string; value: string; timestamp: number; headers: [] }) => void;
        return {
          init: (context: { forward: typeof forward }) => void (forward = context.forward),
          process: (record: { key: string; value: string; timestamp: number }) => {
            forward({ key: record.key, value: record.value, timestamp: record.timestamp, headers: [] });
          },
        };
      };
      input
        .process(pass)
        .groupByKey({ ...text, name: 'moved' })
        .count({ name: 'moved-counts' });
      const kept = input
        .processValues(pass)
        .groupByKey({ ...text, name: 'kept' })
        .count({ name: 'kept-counts' });
      return [dumpKeyValues(kept.store)];
    }),
    input: [textRecord('in', 'a', '', 1, { partition: 1 })],
    expected: { 'moved-repartition': ['[0] a= @1'] },
    stores: { 'kept-counts': ['[1] a=1'] },
  },
];
