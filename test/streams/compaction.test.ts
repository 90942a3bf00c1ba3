import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { NO_HEADERS, StreamsBuilder, bytesSerde, stringSerde } from '@incident-streams/streams';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function open(directory: string): EmbeddedRuntime {
  const builder = new StreamsBuilder();
  builder.stream('in', { key: bytesSerde, value: bytesSerde });
  const topics = { table: { partitions: 1, cleanupPolicy: 'compact' as const } };
  return EmbeddedRuntime.open({ topology: builder.build(), directory, partitions: 1, topics });
}

function write(runtime: EmbeddedRuntime, entries: readonly (readonly [string, string | null])[]): void {
  runtime.produce(
    entries.map(([key, value]) => ({
      topic: 'table',
      timestamp: 1,
      key: stringSerde.serialize(key),
      value: value === null ? null : stringSerde.serialize(value),
      headers: NO_HEADERS,
    })),
  );
}

function read(runtime: EmbeddedRuntime, from = 0): [number, string, string | null][] {
  return Array.from(runtime.records('table', 0, from), ({ offset, key, value }) => [
    offset,
    stringSerde.deserialize(key ?? new Uint8Array()),
    value === null ? null : stringSerde.deserialize(value),
  ]);
}

test('a compacted topic keeps the newest record of each key, tombstones included, at its offset, also after a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'compaction-'));
  directories.push(directory);
  const runtime = open(directory);
  const keys = 40;
  const rounds = 500;
  const newest = new Map<string, string | null>();
  for (let round = 0; round < rounds; round++) {
    const entries = Array.from({ length: keys }, (_, i): [string, string | null] => {
      return [`key-${i}`, (round + i) % 7 === 0 ? null : `value-${round}-${i}`];
    });
    write(runtime, entries);
    for (const [key, value] of entries) newest.set(key, value);
  }
  const check = (opened: EmbeddedRuntime): void => {
    const records = read(opened);
    expect(opened.endOffset('table', 0)).toBe(keys * rounds);
    expect(records.length).toBeLessThan(keys * rounds * 0.6);
    expect(new Map(records.map(([, key, value]) => [key, value]))).toEqual(newest);
    for (const [offset, key] of records) expect(key).toBe(`key-${offset % keys}`);
    const offsets = records.map(([offset]) => offset);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(read(opened, 12_345)).toEqual(records.filter(([offset]) => offset >= 12_345));
  };
  check(runtime);
  await runtime.close();
  const reopened = open(directory);
  check(reopened);
  write(reopened, [['key-0', 'after the restart']]);
  expect(read(reopened).at(-1)).toEqual([keys * rounds, 'key-0', 'after the restart']);
  await reopened.close();
});
