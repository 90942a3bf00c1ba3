import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import type { SinkBatch, SinkConnector } from '@incident-streams/streams';
import {
  PARTITIONS,
  TOPIC_EPOCH,
  decodeBatch,
  encodedBatches,
  movedBy,
  plainRows,
} from './clickhouse/archive-load.ts';
import type { Archive, EncodedBatch } from './clickhouse/archive-load.ts';
import { EVENTS } from './clickhouse/event-archive.ts';
import { withThrowawayEngine } from './clickhouse/throwaway-engine.ts';
import type { ThrowawayEngine } from './clickhouse/throwaway-engine.ts';
import { TRANSITIONS } from './clickhouse/transition-archive.ts';
import { noDeadLetters } from './no-dead-letters.ts';
import type { FigureRow, Figures } from './print-table.ts';

/** Records that are made: few enough for a heap of ordinary size. They come again under other offsets. */
const DISTINCT_ROWS = 80_000;
const REPETITIONS = 3;
/** Rows of one measurement. */
const ROWS = DISTINCT_ROWS * REPETITIONS;
const ROUNDS = 3;

/**
 * Rows a second into an embedded engine of its own, over HTTP, median of three rounds after one that is not counted. The
 * sink's batches are those that runtimes send: at most its `maxBatchRecords`, at most 8 MB of records. Not measured:
 * reading the topic, a server elsewhere, what readers cost, merges that outlast a measurement.
 */
export async function benchClickHouseSink(): Promise<Figures> {
  return withThrowawayEngine(async (engine) => {
    const transitions = await benchArchive(TRANSITIONS, engine);
    const events = await benchArchive(EVENTS, engine);
    return { rows: ROWS, rounds: ROUNDS, tables: { transition_log: transitions, event_log: events } };
  });
}

/**
 * `rowsPerSecond`: decoded records through the sink, four partitions side by side. `oneByOneRowsPerSecond`: one partition
 * after the other, as the embedded runtime does. `cpuSecondsPerMillion`: of both processes, for a million rows side by
 * side; it hardly depends on what else the machine does. `withDecodingRowsPerSecond`: side by side, Avro decoded on the way.
 * `bareClientRowsPerSecond`: ready-made objects with the same values, in equal batches side by side, by
 * `@clickhouse/client`'s own insert as JSONEachRow.
 */
async function benchArchive<V>(archive: Archive<V>, engine: ThrowawayEngine): Promise<FigureRow> {
  const { connection } = engine;
  const client = createClient({ ...connection, database: 'history' });
  const sink = archive.makeSink(connection);
  await sink.open({
    ...{ topic: archive.topic, partitions: PARTITIONS, topicEpoch: TOPIC_EPOCH },
    deadLetter: noDeadLetters,
  });
  await client.command({ query: `CREATE TABLE bare_${archive.table} AS ${archive.table}` });
  try {
    const measurements = await measureRounds(archive, { engine, sink, client });
    const median = (name: keyof Measurement): number => medianOf(measurements.map((one) => one[name]));
    return {
      rowsPerSecond: median('sideBySide'),
      cpuSecondsPerMillion: median('cpuSecondsPerMillion'),
      oneByOneRowsPerSecond: median('oneByOne'),
      withDecodingRowsPerSecond: median('withDecoding'),
      bareClientRowsPerSecond: median('bareClient'),
      vsBareClient: medianOf(measurements.map(({ sideBySide, bareClient }) => sideBySide / bareClient)),
    };
  } finally {
    await sink.close();
    await client.close();
  }
}

interface Places<V> {
  readonly engine: ThrowawayEngine;
  readonly sink: SinkConnector<string, V>;
  readonly client: ClickHouseClient;
}

/** Rows a second. */
interface Measurement {
  readonly sideBySide: number;
  /** What both processes used for a million rows side by side. */
  readonly cpuSecondsPerMillion: number;
  readonly oneByOne: number;
  readonly withDecoding: number;
  readonly bareClient: number;
}

async function measureRounds<V>(
  archive: Archive<V>,
  { engine, sink, client }: Places<V>,
): Promise<Measurement[]> {
  const encoded = encodedBatches(archive, DISTINCT_ROWS, sink.maxBatchRecords ?? 5_000);
  const batches = encoded.map((batch) => decodeBatch(archive, batch));
  const plain = batches.map((batch) => plainRows(archive, batch));
  const write = (batch: SinkBatch<string, V>): Promise<void> => sink.write(batch);
  const measurements: Measurement[] = [];
  let written = 0;
  /** New rows each time: what replaces rows that are there is merged with them. */
  const fresh = <B>(base: readonly B[], move: (batch: B, offsets: number) => B): B[] => {
    const moved = repeated((repetition) =>
      base.map((batch) => move(batch, written + repetition * DISTINCT_ROWS)),
    );
    written += ROWS;
    return moved;
  };
  for (let round = 0; round <= ROUNDS; round++) {
    const forSideBySide = fresh(batches, movedBy);
    await untilMerged(client);
    const usedBefore = engine.cpuSeconds();
    const sideBySide = await rate(() => byPartition(forSideBySide, write));
    const cpuSecondsPerMillion = ((engine.cpuSeconds() - usedBefore) / ROWS) * 1_000_000;
    const forBareClient = repeated(() =>
      plain.map((values, index) => ({ partition: index % PARTITIONS, values })),
    );
    await untilMerged(client);
    const bareClient = await rate(() =>
      byPartition(forBareClient, async ({ values }) => {
        await client.insert({ table: `bare_${archive.table}`, values, format: 'JSONEachRow' });
      }),
    );
    const forOneByOne = fresh(batches, movedBy);
    await untilMerged(client);
    const oneByOne = await rate(() => inOrder(forOneByOne, write));
    const forDecoding = fresh<EncodedBatch>(encoded, (batch, offsets) => ({
      ...batch,
      firstOffset: batch.firstOffset + offsets,
    }));
    await untilMerged(client);
    const withDecoding = await rate(() =>
      byPartition(forDecoding, (batch) => write(decodeBatch(archive, batch))),
    );
    if (round > 0)
      measurements.push({ sideBySide, cpuSecondsPerMillion, oneByOne, withDecoding, bareClient });
  }
  await expectVisible(client, archive.view, written);
  return measurements;
}

function repeated<B>(once: (repetition: number) => readonly B[]): B[] {
  return Array.from({ length: REPETITIONS }, (_, repetition) => once(repetition)).flat();
}

/** What one measurement has left to be merged must not be done at the expense of the next. */
async function untilMerged(client: ClickHouseClient): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet++) {
    const result = await client.query({
      query: 'SELECT count() AS n FROM system.merges',
      format: 'JSONEachRow',
    });
    if (Number((await result.json<{ n: number | string }>())[0]?.n) > 0) quiet = 0;
    await sleep(100);
  }
}

async function expectVisible(client: ClickHouseClient, view: string, rows: number): Promise<void> {
  const result = await client.query({ query: `SELECT count() AS n FROM ${view}`, format: 'JSONEachRow' });
  const [found] = await result.json<{ n: number | string }>();
  if (Number(found?.n) !== rows) throw new Error(`${view} shows ${found?.n} rows where ${rows} were written`);
}

async function inOrder<B>(batches: readonly B[], write: (batch: B) => Promise<void>): Promise<void> {
  for (const batch of batches) await write(batch);
}

async function byPartition<B extends { readonly partition: number }>(
  batches: readonly B[],
  write: (batch: B) => Promise<void>,
): Promise<void> {
  const partitions = Map.groupBy(batches, ({ partition }) => partition);
  await Promise.all([...partitions.values()].map((own) => inOrder(own, write)));
}

async function rate(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return Math.round((ROWS / (performance.now() - startMs)) * 1000);
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
