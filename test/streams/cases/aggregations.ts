import { jsonSerde } from '@incident-streams/streams';
import { dumpKeyValues, textRecord } from '../stream-case.ts';
import type { StreamCase } from '../stream-case.ts';
import { fromInput, text } from './declare.ts';

const input = [
  textRecord('in', 'b', '5', 10),
  textRecord('in', 'a', '1', 30, { headers: { trace: 't' } }),
  textRecord('in', 'b', '2', 20),
  textRecord('in', 'a', '4', 5),
];

export const aggregationCases: readonly StreamCase[] = [
  {
    name: 'count passes every change on, with the timestamp and headers of what changed it',
    declare: fromInput((stream) => {
      const counts = stream.groupByKey(text).count({ name: 'counts' });
      counts.toStream().mapValues(String).to('out', text);
      return [dumpKeyValues(counts.store)];
    }),
    input,
    expected: { out: ['[0] b=1 @10', '[0] a=1 @30 {trace:t}', '[0] b=2 @20', '[0] a=2 @5'] },
    stores: { counts: ['[0] a=2', '[0] b=2'] },
  },
  {
    name: 'reduce begins with the first value as it is',
    declare: fromInput((stream) => {
      const joined = stream.groupByKey(text).reduce((left, right) => left + right, { name: 'joined' });
      joined.toStream().to('out', text);
      return [dumpKeyValues(joined.store)];
    }),
    input,
    expected: { out: ['[0] b=5 @10', '[0] a=1 @30 {trace:t}', '[0] b=52 @20', '[0] a=14 @5'] },
    stores: { joined: ['[0] a="14"', '[0] b="52"'] },
  },
  {
    name: 'aggregate folds the first value into what the initializer made of it',
    declare: fromInput((stream) => {
      const sums = stream.groupByKey(text).aggregate(
        (key, value) => ({ startedBy: `${key}${value}`, sum: 0 }),
        (_key, value, { startedBy, sum }) => ({ startedBy, sum: sum + Number(value) }),
        { name: 'sums', aggregate: jsonSerde<{ startedBy: string; sum: number }>() },
      );
      sums
        .toStream()
        .mapValues((sum) => `${sum.startedBy} ${sum.sum}`)
        .to('out', text);
      return [dumpKeyValues(sums.store)];
    }),
    input,
    expected: { out: ['[0] b=b5 5 @10', '[0] a=a1 1 @30 {trace:t}', '[0] b=b5 7 @20', '[0] a=a1 5 @5'] },
    stores: { sums: ['[0] a={"startedBy":"a1","sum":5}', '[0] b={"startedBy":"b5","sum":7}'] },
  },
  {
    name: 'two aggregations of one stream keep stores of their own',
    declare: fromInput((stream) => {
      const grouped = stream.groupByKey(text);
      const counts = grouped.count({ name: 'counts' });
      const newest = grouped.reduce((_old, value) => value, { name: 'newest' });
      return [dumpKeyValues(counts.store), dumpKeyValues(newest.store)];
    }),
    input,
    expected: {},
    stores: { counts: ['[0] a=2', '[0] b=2'], newest: ['[0] a="4"', '[0] b="2"'] },
  },
];
