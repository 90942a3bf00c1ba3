import { randomBytes } from 'node:crypto';
import { StreamsBuilder, bytesSerde } from '@incident-streams/streams';
import type { LogRecord } from '@incident-streams/streams';
import { describe, expect, it } from 'vitest';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { linesOf, withRuntime } from './open-runtime.ts';

const bytes = { key: bytesSerde, value: bytesSerde };

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => textRecord('in', `k${from + i}`, `v${from + i}`, from + i));

const offsetsOf = (records: Iterable<LogRecord>) => Array.from(records, (record) => record.offset);

describe('the log', () => {
  it('is read from any offset, also from the middle of a batch', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => {
      for (const [from, to] of [
        [0, 1],
        [1, 8],
        [8, 9],
        [9, 30],
      ] as const)
        runtime.produce(numbered(from, to));
      const all = Array.from({ length: 30 }, (_, i) => i);
      for (let from = 0; from <= 31; from++) {
        expect(offsetsOf(runtime.records('in', 0, from)), `from ${from}`).toEqual(all.slice(from));
      }
      expect(offsetsOf(runtime.records('in', 0, -5))).toEqual(all);
    });
  });

  it('is the same after it has been opened again, and goes on where it ended', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => runtime.produce(numbered(0, 5)));
    await withRuntime({ directory: directory.path }, (runtime) => {
      expect(runtime.produce(numbered(5, 7))).toEqual([
        { partition: 0, offset: 5 },
        { partition: 0, offset: 6 },
      ]);
      expect(linesOf(runtime, 'in')).toEqual(numbered(0, 7).map((_, i) => `[0] k${i}=v${i} @${i}`));
    });
  });

  it('can be read while it is written: a reader sees what comes, once and in order', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => {
      runtime.produce(numbered(0, 3));
      const seen: string[] = [];
      for (const record of runtime.records('in', 0)) {
        seen.push(Buffer.from(record.value ?? []).toString());
        if (record.offset < 20) runtime.produce(numbered(record.offset * 2 + 3, record.offset * 2 + 5));
      }
      expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => `v${i}`));
      expect(seen).toHaveLength(43);
    });
  });

  it('gives out bytes that later reads and writes leave alone', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => {
      runtime.produce(numbered(0, 10));
      const kept = [...runtime.records('in', 0)];
      runtime.produce(numbered(10, 1_000));
      for (const record of runtime.records('in', 0, 4)) void record.value;
      expect(kept.map((record) => Buffer.from(record.value ?? []).toString())).toEqual(
        Array.from({ length: 10 }, (_, i) => `v${i}`),
      );
    });
  });

  it('takes records of a megabyte, and more of them at once than fit into a batch', async () => {
    using directory = temporaryDirectory();
    const values = Array.from({ length: 5 }, () => randomBytes(1_000_000));
    const records = values.map((value, i) => ({ ...textRecord('in', 'k', '', i), value }));
    const builder = new StreamsBuilder();
    builder.stream('in', bytes).to('out', bytes);
    await withRuntime({ directory: directory.path, topology: builder.build() }, async (runtime) => {
      runtime.start();
      runtime.produce(records);
      runtime.produce(numbered(5, 7));
      await runtime.whenProcessed();
    });
    await withRuntime({ directory: directory.path }, (runtime) => {
      const out = [...runtime.records('out', 0)];
      expect(offsetsOf(out)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      for (const [i, value] of values.entries())
        expect(value.equals(out[i]?.value ?? new Uint8Array())).toBe(true);
    });
  });

  it('takes many small records at once: batches above the size limit are cut', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, async (runtime) => {
      runtime.start();
      runtime.produce(numbered(0, 60_000));
      await runtime.whenProcessed();
      let next = 0;
      for (const record of runtime.records('out', 0)) {
        if (record.offset !== next || record.timestamp !== next) break;
        next++;
      }
      expect(next).toBe(60_000);
      expect(offsetsOf(runtime.records('out', 0, 59_990))).toHaveLength(10);
    });
  });

  it('keeps apart no key, an empty key, no value and an empty value, and every header', async () => {
    using directory = temporaryDirectory();
    const nothing = Buffer.alloc(0);
    const headers = [
      { name: 'twice', value: Buffer.from('1') },
      { name: '', value: nothing },
      { name: 'twice', value: Buffer.from('é') },
    ];
    const contents = [
      { key: null, value: null },
      { key: nothing, value: null },
      { key: null, value: nothing },
      { key: nothing, value: nothing },
    ];
    await withRuntime({ directory: directory.path }, (runtime) => {
      runtime.produce(contents.map((content) => ({ topic: 'in', timestamp: 1, headers, ...content })));
      const read = [...runtime.records('in', 0)];
      expect(read.map(({ key, value }) => ({ key, value }))).toEqual(contents);
      for (const record of read) expect(record.headers).toEqual(headers);
    });
  });
});
