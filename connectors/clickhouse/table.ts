import type { SinkBatch } from '@incident-streams/streams';
import { columnsOf } from './column.ts';
import type { Column } from './column.ts';
import type { NativeWriter } from './native-writer.ts';

/** A record on its way into a table, with what names it for good. */
export interface Row<V> {
  readonly topic: string;
  readonly topicEpoch: number;
  readonly partition: number;
  readonly offset: number;
  readonly value: V;
}

/** A table that holds one row per record of a topic. */
export interface Table<V> {
  readonly name: string;
  readonly columns: readonly Column<Row<V>>[];
}

/** Rows of one block: more and their records no longer fit the cache, fewer and ClickHouse copies more. */
const BLOCK_ROWS = 4096;

export function defineTable<V>(name: string, columns: readonly Column<Row<V>>[]): Table<V> {
  const { string, time, uint32, uint64 } = columnsOf<Row<V>>();
  const position = [
    string('topic', (row) => row.topic),
    time('topic_epoch', (row) => row.topicEpoch),
    uint32('topic_partition', (row) => row.partition),
    uint64('topic_offset', (row) => row.offset),
  ];
  return { name, columns: [...position, ...columns] };
}

/** The rows of a batch. A tombstone has nothing to archive. */
export function rowsOf<V>(batch: SinkBatch<string, V>, topicEpoch: number): Row<V>[] {
  const { topic, partition, records } = batch;
  return records.flatMap(({ offset, value }) =>
    value === null ? [] : [{ topic, topicEpoch, partition, offset, value }],
  );
}

/** The INSERT that rows written by `writeRows` belong to. */
export function insertStatement<V>(table: Table<V>): string {
  return `INSERT INTO ${table.name} (${table.columns.map(({ name }) => name).join(', ')}) FORMAT Native`;
}

/**
 * Writes rows in ClickHouse's Native format, the cheapest for both sides: blocks, each a number of columns, a
 * number of rows, and column by column its name, its type and its values.
 * https://clickhouse.com/docs/en/interfaces/formats/Native
 */
export function writeRows<V>(out: NativeWriter, table: Table<V>, rows: readonly Row<V>[]): void {
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const block = rows.slice(start, start + BLOCK_ROWS);
    out.varint(table.columns.length);
    out.varint(block.length);
    for (const { name, type, write } of table.columns) {
      out.string(name);
      out.string(type);
      write(out, block);
    }
  }
}
