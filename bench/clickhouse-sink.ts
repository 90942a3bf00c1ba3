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
import type { EngineConnection } from './clickhouse/throwaway-engine.ts';
import { TRANSITIONS } from './clickhouse/transition-archive.ts';
import { noDeadLetters } from './no-dead-letters.ts';
import type { FigureRow, Figures } from './print-table.ts';

/** Rows of one measurement. */
const ROWS = 200_000;
const ROUNDS = 3;

/**
 * Rows a second into an embedded engine of its own, over HTTP, median of three rounds after one that is not counted. The
 * sink's batches are those that runtimes send: at most its `maxBatchRecords`, at most 8 MB of records. Not measured:
 * reading the topic, a server elsewhere, what readers cost.
 */
export async function benchClickHouseSink(): Promise<Figures> {
  return withThrowawayEngine(async (connection) => {
    const transitions = await benchArchive(TRANSITIONS, connection);
    const events = await benchArchive(EVENTS, connection);
    return { rows: ROWS, rounds: ROUNDS, tables: { transition_log: transitions, event_log: events } };
  });
}

/**
 * `rowsPerSecond`: decoded records through the sink, four partitions side by side. `oneByOneRowsPerSecond`: one partition
 * after the other, as the embedded runtime does. `withDecodingRowsPerSecond`: side by side, Avro decoded on the way.
 * `bareClientRowsPerSecond`: ready-made objects with the same values, in equal batches side by side, by
 * `@clickhouse/client`'s own insert as JSONEachRow.
 */
async function benchArchive<V>(archive: Archive<V>, connection: EngineConnection): Promise<FigureRow> {
  const client = createClient({ ...connection, database: 'history' });
  const sink = archive.makeSink(connection);
  await sink.open({
    ...{ topic: archive.topic, partitions: PARTITIONS, topicEpoch: TOPIC_EPOCH },
    deadLetter: noDeadLetters,
  });
  await client.command({ query: `CREATE TABLE bare_${archive.table} AS ${archive.table}` });
  try {
    const measurements = await measureRounds(archive, sink, client);
    const median = (name: keyof Measurement): number => medianOf(measurements.map((one) => one[name]));
    return {
      rowsPerSecond: median('sideBySide'),
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

/** Rows a second. */
interface Measurement {
  readonly sideBySide: number;
  readonly oneByOne: number;
  readonly withDecoding: number;
  readonly bareClient: number;
}

async function measureRounds<V>(
  archive: Archive<V>,
  sink: SinkConnector<string, V>,
  client: ClickHouseClient,
): Promise<Measurement[]> {
  const encoded = encodedBatches(archive, ROWS, sink.maxBatchRecords ?? 5_000);
  const batches = encoded.map((batch) => decodeBatch(archive, batch));
  const plain = new Map(batches.map((batch) => [batch, plainRows(archive, batch)] as const));
  const write = (batch: SinkBatch<string, V>): Promise<void> => sink.write(batch);
  const measurements: Measurement[] = [];
  let written = 0;
  /** New rows each time: what replaces rows that are there is merged with them. */
  const fresh = (): SinkBatch<string, V>[] => {
    const moved = batches.map((batch) => movedBy(batch, written));
    written += ROWS;
    return moved;
  };
  for (let round = 0; round <= ROUNDS; round++) {
    const [forSideBySide, forOneByOne] = [fresh(), fresh()];
    const sideBySide = await rate(() => byPartition(forSideBySide, write));
    const bareClient = await rate(() =>
      byPartition(batches, async (batch) => {
        const values = plain.get(batch) ?? [];
        await client.insert({ table: `bare_${archive.table}`, values, format: 'JSONEachRow' });
      }),
    );
    const oneByOne = await rate(() => inOrder(forOneByOne, write));
    const forDecoding = encoded.map((batch) => ({ ...batch, firstOffset: batch.firstOffset + written }));
    written += ROWS;
    const withDecoding = await rate(() =>
      byPartition<EncodedBatch>(forDecoding, (batch) => write(decodeBatch(archive, batch))),
    );
    if (round > 0) measurements.push({ sideBySide, oneByOne, withDecoding, bareClient });
  }
  await expectVisible(client, archive.view, written);
  return measurements;
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
