import { join } from 'node:path';
import { open } from 'lmdb';
import { loadRules } from '../../../cli/demo/demo-options.ts';
import { openPipeline } from '../../../cli/pipeline/pipeline.ts';
import type { Pipeline } from '../../../cli/pipeline/pipeline.ts';
import type { LogRecord } from '@incident-streams/streams';
import { TOPICS } from '../../../topology/topics.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Content } from './content.ts';

/** Segments of the memory of ids that count: the newest, and the two before it. What is older may be gone or not. */
const SEGMENTS_REMEMBERED = 3;
const SEEN_EVENTS = 'seen-events';

/** Opens the pipeline of a data directory for reading: without sinks, and never started. */
export function openForReading(dataDir: string): Pipeline {
  return openPipeline({ directory: join(dataDir, 'streams'), ruleSet: loadRules(undefined), sinks: {} });
}

/**
 * Every topic, record by record; every store, byte by byte; how far tasks, sinks and producers have come, and what was
 * counted. Of the compacted topic the newest record of each key, since when it is compacted is nobody's promise.
 */
export async function streamsContent(dataDir: string): Promise<Content> {
  const content = new Map<string, string[]>();
  const pipeline = openForReading(dataDir);
  const { runtime, topology, ruleSet } = pipeline;
  for (const topic of Object.values(TOPICS)) {
    for (let partition = 0; partition < runtime.partitionsOf(topic); partition++) {
      const lines = Array.from(runtime.records(topic, partition), (record) => ({
        key: keyOf(record),
        line: lineOf(record),
      }));
      const kept = topic === TOPICS.state ? newestOfEachKey(lines) : lines;
      content.set(
        `topic ${topic}[${partition}]`,
        kept.map(({ line }) => line),
      );
    }
  }
  await runtime.close();

  const root = open<Buffer, Buffer>({
    path: join(dataDir, 'streams', 'streams.lmdb'),
    keyEncoding: 'binary',
    encoding: 'binary',
    maxDbs: 200,
    readOnly: true,
  });
  const database = (name: string) =>
    root.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary' });
  for (const store of topology.subTopologies.flatMap((part) => part.stores)) {
    const entries = Array.from(database(`store:${store.name}`).getRange({}), ({ key, value }) => ({
      key: Buffer.from(key),
      line: `${key.toString('hex')} = ${value.toString('hex')}`,
    }));
    const kept = store.name === SEEN_EVENTS ? remembered(entries, ruleSet.limits.dedupeWithinMs) : entries;
    content.set(
      `store ${store.name}`,
      kept.map(({ line }) => line),
    );
  }
  content.set(
    'progress',
    Array.from(
      database('progress').getRange({}),
      ({ key, value }) => `${key.toString()} = ${canonicalJson(JSON.parse(value.toString()))}`,
    ),
  );
  await root.close();
  return content;
}

function lineOf({ offset, timestamp, key, value, headers }: LogRecord): string {
  const named = headers.map((header) => [header.name, Buffer.from(header.value).toString('utf8')]);
  return JSON.stringify([offset, timestamp, hex(key), hex(value), named]);
}

function keyOf(record: LogRecord): string {
  return hex(record.key) ?? `offset ${record.offset}`;
}

function newestOfEachKey<T extends { readonly key: string }>(records: readonly T[]): T[] {
  const newest = new Map(records.map((record) => [record.key, record]));
  return records.filter((record) => newest.get(record.key) === record);
}

/** Keys begin with the partition (2 bytes) and the time at which their segment begins (8 bytes). */
function remembered<T extends { readonly key: Buffer }>(entries: readonly T[], withinMs: number): T[] {
  const newest = new Map<number, number>();
  for (const { key } of entries) {
    const partition = key.readUInt16BE(0);
    newest.set(partition, Math.max(newest.get(partition) ?? 0, startOf(key)));
  }
  return entries.filter(({ key }) => {
    const end = newest.get(key.readUInt16BE(0)) ?? 0;
    return startOf(key) > end - SEGMENTS_REMEMBERED * withinMs;
  });
}

function startOf(key: Buffer): number {
  return Number(key.readBigUInt64BE(2));
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('hex');
}
