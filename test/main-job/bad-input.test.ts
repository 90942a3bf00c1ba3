import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { NO_HEADERS } from '@incident-streams/streams';
import type { LogRecord, OutgoingRecord } from '@incident-streams/streams';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { readLedger, totalOf } from '../../cli/pipeline/ledger.ts';
import { openPipeline } from '../../cli/pipeline/pipeline.ts';
import type { Pipeline } from '../../cli/pipeline/pipeline.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { TOPICS } from '../../topology/topics.ts';
import { badRecords, hugeRecord } from './support/bad-records.ts';
import type { BadRecord } from './support/bad-records.ts';
import { dataDirectory } from './support/data-directory.ts';

const START = Date.UTC(2026, 0, 1);
const ROUNDS = 100;
const SETS_PER_ROUND = 5;
/** Rounds after which caches and code are warm. */
const WARM_UP = 30;
const MEBIBYTE = 1024 * 1024;

function openIn(directory: string): Pipeline {
  const pipeline = openPipeline({ directory, ruleSet: loadRules(undefined), sinks: {} });
  onTestFinished(() => pipeline.runtime.close());
  pipeline.runtime.start();
  return pipeline;
}

function goodEvent(n: number): IncidentEvent {
  return {
    id: `good-${n}`,
    source: 'test',
    type: 'incident.problem',
    time: START + n * 2_000,
    service: `service-${n % 7}`,
    component: 'api',
    fingerprint: null,
    kind: n % 11 === 10 ? 'RECOVERY' : 'PROBLEM',
    severity: n % 5 === 0 ? 'CRITICAL' : 'MAJOR',
    summary: 'requests fail',
    value: null,
    attributes: {},
  };
}

function toEvents(value: Uint8Array | null, timestamp: number): OutgoingRecord {
  return { topic: TOPICS.events, timestamp, key: null, value, headers: NO_HEADERS };
}

function recordsOf({ runtime }: Pipeline, topic: string): LogRecord[] {
  const partitions = Array.from({ length: runtime.partitionsOf(topic) }, (_, partition) => partition);
  return partitions.flatMap((partition) => [...runtime.records(topic, partition)]);
}

/** The headers that KIP-1034 names, without their prefix. */
function errorOf(record: LogRecord): Record<string, string> {
  const prefix = '__streams.errors.';
  return Object.fromEntries(
    record.headers
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, value }) => [name.slice(prefix.length), Buffer.from(value).toString('utf8')]),
  );
}

function memory(): { heap: number; resident: number } {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / MEBIBYTE, resident: rss / MEBIBYTE };
}

/** What happened, but for the offsets in the inbox, which what is refused there takes up too. */
function historyOf(pipeline: Pipeline): unknown[] {
  return recordsOf(pipeline, TOPICS.transitions).map(({ value }) => {
    const transition = pipeline.serdes.incidentTransition.deserialize(value ?? new Uint8Array());
    return { ...transition, cause: { ...transition.cause, offset: 0 } };
  });
}

test('among thousands of bad records every good one is applied, every bad one explained, and memory stays flat', async () => {
  const pipeline = openIn(dataDirectory());
  const { runtime, serdes } = pipeline;
  const sent: BadRecord[] = [];
  const good: OutgoingRecord[] = [];
  let warm = { heap: 0, resident: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    if (round === WARM_UP) warm = memory();
    const records: OutgoingRecord[] = [];
    for (let set = 0; set < SETS_PER_ROUND; set++) {
      const event = goodEvent(good.length);
      const bad = badRecords(event, event.time, serdes);
      if (round % 10 === 0 && set === 0) bad.push(hugeRecord(event, serdes));
      const sound = toEvents(serdes.incidentEvent.serialize(event), event.time);
      records.push(...bad.map(({ value }) => toEvents(value, event.time)), sound);
      sent.push(...bad);
      good.push(sound);
    }
    runtime.produce(records);
    await runtime.whenProcessed();
  }
  const end = memory();

  expect(totalOf(readLedger(pipeline))).toEqual({
    received: good.length + sent.length,
    applied: good.length,
    duplicates: 0,
    late: 0,
    deadLettered: sent.length,
  });
  expect(sent.length).toBeGreaterThan(5_000);
  expect(end.heap - warm.heap, 'MiB of heap').toBeLessThan(30);
  expect(end.resident - warm.resident, 'MiB resident').toBeLessThan(250);
  expectExplained(pipeline, sent);

  const alone = openIn(dataDirectory());
  alone.runtime.produce(good);
  await alone.runtime.whenProcessed();
  expect(historyOf(pipeline).length).toBeGreaterThan(20);
  expect(historyOf(pipeline)).toEqual(historyOf(alone));
});

/** Each bad record is among the dead letters once, as it came, with a reason and the place where it was refused. */
function expectExplained(pipeline: Pipeline, sent: readonly BadRecord[]): void {
  const waiting = new Map<string, BadRecord[]>();
  for (const bad of sent) {
    const key = fingerprint(bad.value);
    waiting.set(key, [...(waiting.get(key) ?? []), bad]);
  }
  const letters = recordsOf(pipeline, TOPICS.deadLetters);
  const origins = new Map(
    [TOPICS.events, TOPICS.inbox].flatMap((topic) =>
      recordsOf(pipeline, topic).map((record) => [placeOf(record), fingerprint(record.value)]),
    ),
  );
  const originOf = ({ topic = '', partition = '', offset = '' }: Record<string, string>) =>
    origins.get(placeOf({ topic, partition, offset }));
  expect(letters).toHaveLength(sent.length);
  for (const letter of letters) {
    const bad = waiting.get(fingerprint(letter.value))?.pop();
    if (bad === undefined)
      throw new Error(`a dead letter that nobody sent: ${JSON.stringify(errorOf(letter))}`);
    const error = errorOf(letter);
    expect(error['message'], bad.name).toMatch(bad.reason);
    expect(error['exception'], bad.name).toMatch(/^[A-Z_]+$/);
    expect(originOf(error), bad.name).toBe(fingerprint(bad.value));
  }
}

function placeOf({ topic, partition, offset }: Record<'topic' | 'partition' | 'offset', unknown>): string {
  return `${String(topic)}[${String(partition)}]@${String(offset)}`;
}

function fingerprint(value: Uint8Array | null): string {
  return createHash('sha256')
    .update(value ?? '')
    .digest('hex');
}

test('a record without a value is explained too, and what comes after it is processed', async () => {
  const pipeline = openIn(dataDirectory());
  const { runtime, serdes } = pipeline;
  const event = goodEvent(0);
  const sound = toEvents(serdes.incidentEvent.serialize(event), event.time);
  runtime.produce([toEvents(null, event.time), sound]);
  await runtime.whenProcessed();
  const [letter, ...others] = recordsOf(pipeline, TOPICS.deadLetters);
  expect(others).toEqual([]);
  expect(letter?.value).toBeNull();
  expect(errorOf(letter as LogRecord)).toMatchObject({
    message: expect.stringMatching(/value/) as string,
    topic: TOPICS.events,
    partition: '0',
    offset: '0',
  });
  expect(totalOf(readLedger(pipeline))).toMatchObject({ received: 2, applied: 1, deadLettered: 1 });
});
