import { describe, expect, it } from 'vitest';
import { tumblingWindows } from '@incident-streams/streams';
import { fromInput, text } from './cases/declare.ts';
import { runEmbedded, runInTestDriver } from './runtimes.ts';
import { dumpKeyValues, textRecord } from './stream-case.ts';

const input = [
  textRecord('in', 'b', '5', 10),
  textRecord('in', 'a', '1', 30, { headers: { trace: 't' } }),
  textRecord('in', 'b', '2', 20),
  textRecord('in', 'a', '4', 5),
];

const counts = fromInput((stream) => {
  const table = stream.groupByKey(text).count({ name: 'counts', emit: 'on-commit' });
  table.toStream().mapValues(String).to('out', text);
  return [dumpKeyValues(table.store)];
});

const windows = fromInput((stream) => {
  const table = stream
    .groupByKey(text)
    .windowedBy(tumblingWindows({ sizeMs: 20, graceMs: 100 }), { emit: 'on-commit' })
    .count({ name: 'counts' });
  const labelled = table
    .toStream()
    .map((window, count) => [`${window.key}@${window.startMs}`, String(count)]);
  labelled.to('out', text);
});

const behind = fromInput((stream) => {
  const table = stream.groupByKey(text).count({ name: 'counts', emit: 'on-commit' });
  const regrouped = table
    .toStream()
    .mapValues(String)
    .groupBy((_key, count) => count, text);
  regrouped.count({ name: 'keys-by-count', emit: 'on-commit' }).toStream().mapValues(String).to('out', text);
});

describe('a table that emits on commit', () => {
  it('passes on the last change of each key before a commit', async () => {
    const outcome = await runEmbedded({ declare: counts, input }, [input]);
    expect(outcome.topics['out']).toEqual(['[0] b=2 @20', '[0] a=2 @5']);
    expect(outcome.stores['counts']).toEqual(['[0] a=2', '[0] b=2']);
  });

  it('passes on each change where each has a commit of its own', async () => {
    const each = input.map((record) => [record]);
    const expected = ['[0] b=1 @10', '[0] a=1 @30 {trace:t}', '[0] b=2 @20', '[0] a=2 @5'];
    expect((await runEmbedded({ declare: counts, input }, each)).topics['out']).toEqual(expected);
    expect(runInTestDriver({ declare: counts, input }).topics['out']).toEqual(expected);
  });

  it('tells windows of a key apart', async () => {
    const outcome = await runEmbedded({ declare: windows, input }, [input]);
    expect(outcome.topics['out']).toEqual([
      '[0] b@0=1 @10',
      '[0] a@0=1 @5',
      '[0] a@20=1 @30 {trace:t}',
      '[0] b@20=1 @20',
    ]);
  });

  it('is read by what comes behind a repartition, too', async () => {
    const outcome = await runEmbedded({ declare: behind, input }, [input]);
    expect(outcome.topics['out']).toEqual(['[0] 2=2 @5']);
  });
});
