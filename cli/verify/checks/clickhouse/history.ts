import type { ClickHouseClient } from '@clickhouse/client';
import { connect, resolveConnection } from '../../../../connectors/clickhouse/connection.ts';
import type { ClickHouseConnectionOptions } from '../../../../connectors/clickhouse/index.ts';
import { CannotCheckError } from '../../errors.ts';
import type { ColumnKind } from './archived-topics.ts';

/** Which rows of a table: those of one topic in one life of it, in one partition, within a range of offsets. */
export interface RowRange {
  readonly table: string;
  readonly topic: string;
  readonly topicEpoch: number;
  readonly partition: number;
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

export interface FoundRow {
  readonly offset: number;
  readonly columns: Readonly<Record<string, unknown>>;
}

const NAMED = `topic = {topic:String} AND topic_epoch = fromUnixTimestamp64Milli({topicEpoch:Int64}, 'UTC')`;
const IN_RANGE = `topic_partition = {partition:UInt32} AND topic_offset >= {from:UInt64} AND topic_offset < {to:UInt64}`;

/** The tables in ClickHouse, read only. */
export class History {
  readonly #client: ClickHouseClient;
  readonly #where: string;

  constructor(options: ClickHouseConnectionOptions) {
    const connection = resolveConnection(options);
    this.#client = connect(connection);
    this.#where = `${connection.database} at ${connection.url}`;
  }

  /** In the order of their offsets. */
  async rows(
    range: RowRange,
    names: readonly string[],
    kinds: Readonly<Record<string, ColumnKind>>,
  ): Promise<readonly FoundRow[]> {
    const expressions = names.map((name) => expressionOf(name, kinds[name]));
    const query = `SELECT ${['topic_offset', ...expressions].join(', ')} FROM ${range.table} FINAL WHERE ${NAMED} AND ${IN_RANGE} ORDER BY topic_offset`;
    const found = await this.#ask<readonly unknown[]>(query, { ...range }, 'JSONCompactEachRow');
    return found.map(([offset, ...values]) => ({
      offset: Number(offset),
      columns: Object.fromEntries(names.map((name, i) => [name, values[i]])),
    }));
  }

  /** Offsets of rows, the smallest first. */
  async offsets(range: RowRange, limit: number): Promise<readonly number[]> {
    const query = `SELECT DISTINCT topic_offset FROM ${range.table} WHERE ${NAMED} AND ${IN_RANGE} ORDER BY topic_offset LIMIT ${limit}`;
    const found = await this.#ask<readonly unknown[]>(query, { ...range }, 'JSONCompactEachRow');
    return found.map(([offset]) => Number(offset));
  }

  /** How many rows a topic has in partitions that it does not have. */
  async rowsInPartitionsFrom(range: Omit<RowRange, 'from' | 'to'>): Promise<number> {
    const query = `SELECT count() FROM ${range.table} WHERE ${NAMED} AND topic_partition >= {partition:UInt32}`;
    const [found] = await this.#ask<readonly unknown[]>(query, { ...range }, 'JSONCompactEachRow');
    return Number(found?.[0] ?? 0);
  }

  /** Whether the table deletes rows that are old. */
  async forgets(table: string): Promise<boolean> {
    const query =
      'SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {table:String}';
    const [found] = await this.#ask<readonly string[]>(query, { table }, 'JSONCompactEachRow');
    if (found === undefined) throw new CannotCheckError(`${this.#where} has no table ${table}`);
    return found[0]?.includes(' TTL ') === true;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #ask<Row>(
    query: string,
    parameters: Readonly<Record<string, unknown>>,
    format: 'JSONCompactEachRow',
  ): Promise<readonly Row[]> {
    try {
      const answer = await this.#client.query({ query, query_params: parameters, format });
      return await answer.json<Row>();
    } catch (error) {
      const reason = error instanceof Error ? error.message || error.name : String(error);
      throw new CannotCheckError(`ClickHouse (${this.#where}): ${reason}`, { cause: error });
    }
  }
}

function expressionOf(column: string, kind: ColumnKind | undefined): string {
  switch (kind) {
    case 'time':
      return `toUnixTimestamp64Milli(${column})`;
    case 'bytes':
      return `lower(hex(${column}))`;
    case 'bytesMap':
      return `mapApply((name, bytes) -> (name, lower(hex(bytes))), ${column})`;
    case undefined:
      return column;
  }
}
