import { TopologyTestDriver } from '@incident-streams/streams/test-driver';
import { jsonSerde, stringSerde } from '@incident-streams/streams';
import { beforeAll, describe, expect, it } from 'vitest';
import { outputProblems } from './check-outputs.ts';
import type { Outputs } from './check-outputs.ts';
import { openEndProblems, progressProblems, taskProblems, transactionProblems } from './check-progress.ts';
import { contentProblems, storeProblems } from './check-stores.ts';
import { inboxRecord } from './check.ts';
import type { WorkerDump } from './check.ts';
import type { CommittedRecord } from './committed-records.ts';
import { dumpStores } from './dump-stores.ts';
import { faultTopics, faultTopology } from './fault-topology.ts';
import { referenceFold } from './reference-fold.ts';
import type { Expected, InboxRecord } from './reference-fold.ts';
import { WORKLOAD, generateEvents } from './workload.ts';
import type { FaultEvent } from './workload.ts';

/** Enough for windows to close and for ids to be forgotten. */
const EVENTS = 60_000;

let inbox: InboxRecord[];
let outputs: Outputs;
let expected: Expected;
let dump: WorkerDump;

beforeAll(() => {
  const topics = faultTopics('test');
  const declared = faultTopology(topics, 'changelog');
  const driver = new TopologyTestDriver(declared.topology, { partitions: WORKLOAD.partitions });
  const input = driver.input(topics.inbox, { key: stringSerde, value: jsonSerde<FaultEvent>() });
  for (const event of generateEvents({ seed: 1, events: EVENTS })) input.pipe(event.key, event, event.at);
  const recordsOf = (topic: string): CommittedRecord[] =>
    driver.bytesOf(topic).map(({ partition, offset, key, value }) => ({
      ...{ partition, offset },
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    }));
  outputs = {
    windows: recordsOf(topics.windows),
    keys: recordsOf(topics.keys),
    regions: recordsOf(topics.regions),
  };
  inbox = recordsOf(topics.inbox).map(inboxRecord);
  expected = referenceFold(inbox);
  dump = { counters: driver.counters(), stores: dumpStores(declared, (builder) => driver.stores(builder)) };
});

describe('the workload', () => {
  it('is the same for the same seed, and has its share of duplicates and late events', () => {
    const events = generateEvents({ seed: 7 });
    expect(generateEvents({ seed: 7 })).toEqual(events);
    expect(generateEvents({ seed: 8 })).not.toEqual(events);
    expect(events).toHaveLength(WORKLOAD.events);
    expect(new Set(events.map(({ key }) => key)).size).toBe(WORKLOAD.keys);
    const { counters } = referenceFold(events.map((value) => ({ partition: 0, value })));
    const counted = counters.get(0);
    expect((counted?.duplicate ?? 0) / events.length).toBeCloseTo(WORKLOAD.duplicateShare, 2);
    expect((counted?.late ?? 0) / events.length).toBeCloseTo(WORKLOAD.lateShare, 2);
  });
});

describe('the check of the outputs', () => {
  it('agrees with the library where nothing went wrong', () => {
    expect(expected.windows.size).toBeGreaterThan(20_000);
    expect(outputProblems(outputs, expected)).toEqual([]);
  });

  it.each(['windows', 'keys', 'regions'] as const)('notices a record of the %s that is missing', (topic) => {
    expect(outputProblems({ ...outputs, [topic]: outputs[topic].toSpliced(1_000, 1) }, expected)).not.toEqual(
      [],
    );
  });

  it.each(['windows', 'keys', 'regions'] as const)(
    'notices a record of the %s that is there twice',
    (topic) => {
      const again = outputs[topic].slice(1_000, 1_001);
      expect(outputProblems({ ...outputs, [topic]: [...outputs[topic], ...again] }, expected)).not.toEqual(
        [],
      );
    },
  );

  it.each(['windows', 'keys', 'regions'] as const)('notices a changed value in the %s', (topic) => {
    const [record] = outputs[topic].slice(1_000);
    const value = Buffer.from(String(record?.value).replace(/"sum":\d+/, '"sum":1000000'));
    const changed = outputs[topic].toSpliced(1_000, 1, { ...(record as CommittedRecord), value });
    expect(outputProblems({ ...outputs, [topic]: changed }, expected)).not.toEqual([]);
  });

  it.each(['keys', 'regions'] as const)('notices two changes in the %s in the wrong order', (topic) => {
    const [first] = outputs[topic];
    const next = outputs[topic].findIndex(({ key }, i) => i > 0 && String(key) === String(first?.key));
    const swapped = outputs[topic]
      .with(0, outputs[topic][next] as CommittedRecord)
      .with(next, first as CommittedRecord);
    expect(outputProblems({ ...outputs, [topic]: swapped }, expected)).not.toEqual([]);
  });

  it('notices that one event less was in the inbox, and one more', () => {
    const less = inbox.filter(({ value }) => value.id !== inbox[500]?.value.id);
    expect(outputProblems(outputs, referenceFold(less))).not.toEqual([]);
    const more = inbox.slice(500, 501).map((one) => ({ ...one, value: { ...one.value, id: 'another' } }));
    expect(outputProblems(outputs, referenceFold([...inbox, ...more]))).not.toEqual([]);
  });
});

describe('the check of the stores', () => {
  const changelogOf = (entries: readonly (readonly [string, unknown])[]): CommittedRecord[] =>
    entries.map(([key, value], offset) => ({
      ...{ partition: 0, offset },
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(JSON.stringify(value)),
    }));
  const sum = { count: 1, sum: 2, fingerprint: 3 };
  const held = [['a', sum] as const, ['b', sum] as const];
  const problemsOf = (dumps: readonly (typeof held)[], changelog: CommittedRecord[]): string[] =>
    storeProblems({ store: 'some', dumps, changelog, windowed: false });

  it('finds nothing where they equal the replayed changelog', () => {
    const changelog = changelogOf([
      ['a', { ...sum, count: 0 }],
      ['c', sum],
      ['b', sum],
      ['a', sum],
      ['c', null],
    ]);
    expect(problemsOf([held.slice(0, 1), held.slice(1)], changelog)).toEqual([]);
  });

  it('notices an entry that is altered, missing, left over or held twice', () => {
    const changelog = changelogOf(held);
    expect(problemsOf([[['a', { ...sum, sum: 3 }], ...held.slice(1)]], changelog)).toHaveLength(1);
    expect(problemsOf([held.slice(1)], changelog)).toHaveLength(1);
    expect(problemsOf([held], changelogOf([...held, ['b', null]]))).toHaveLength(1);
    expect(problemsOf([held, held.slice(1)], changelog)).toHaveLength(1);
  });

  it('reads the start of a window from the first 8 bytes of its key', () => {
    const key = Buffer.concat([Buffer.alloc(8), Buffer.from('a')]);
    key.writeBigUInt64BE(1_772_323_200_000n, 0);
    const changelog = [{ partition: 0, offset: 0, key, value: Buffer.from(JSON.stringify(sum)) }];
    const evidence = {
      store: 'some',
      dumps: [[['a@1772323200000', sum] as const]],
      changelog,
      windowed: true,
    };
    expect(storeProblems(evidence)).toEqual([]);
  });

  it('compares the stores with the inbox, too', () => {
    const { stores } = dump;
    expect(stores.windows.length).toBeGreaterThan(100);
    expect(contentProblems(stores, expected)).toEqual([]);
    for (const name of ['windows', 'keys', 'regions'] as const) {
      expect(contentProblems({ ...stores, [name]: stores[name].slice(1) }, expected), name).toHaveLength(1);
    }
  });
});

describe('the check of the progress', () => {
  const offsets = [{ start: 0, lastStable: 6, highWatermark: 6 }];
  const records = [{ partition: 0, offset: 4, key: null, value: null }];
  const problemsOf = (committed: number): string[] =>
    progressProblems({ topic: 'some', committed: [committed], offsets, records });

  it('takes the last record or the marker behind it for the end', () => {
    expect(problemsOf(5)).toEqual([]);
    expect(problemsOf(6)).toEqual([]);
  });

  it('notices a commit that is behind, ahead or missing', () => {
    for (const committed of [4, 7, -1]) expect(problemsOf(committed)).toHaveLength(1);
  });

  it('notices an end that is not stable, and a transaction that is open', () => {
    expect(openEndProblems('some', offsets)).toEqual([]);
    expect(openEndProblems('some', [{ start: 0, lastStable: 5, highWatermark: 6 }])).toHaveLength(1);
    const open = { transactionalId: 'app-0_0', state: 'Ongoing', partitions: ['some-0'] };
    expect(transactionProblems([])).toEqual([]);
    expect(transactionProblems([open])).toHaveLength(1);
  });

  it('notices a task that is missing, runs twice or has counted something else', () => {
    const tasks = WORKLOAD.partitions * 2;
    const [first = '', ...others] = Object.keys(dump.counters);
    const some = (ids: readonly string[]) => ({
      counters: Object.fromEntries(ids.map((id) => [id, dump.counters[id] ?? {}])),
    });
    expect(taskProblems([some(others), some([first])], expected, { tasks })).toEqual([]);
    expect(taskProblems([some(others)], expected, { tasks })).not.toEqual([]);
    expect(taskProblems([dump, some([first])], expected, { tasks })).not.toEqual([]);
    const counters = { ...dump.counters, '0_2': { ...dump.counters['0_2'], duplicate: 0 } };
    expect(taskProblems([{ counters }], expected, { tasks })).toHaveLength(1);
  });
});
