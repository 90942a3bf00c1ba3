import { Readable } from 'node:stream';
import { ClickHouseError } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { formatPosition } from '@incident-streams/streams';
import type { SinkBatch, SinkConnector, SinkSource } from '@incident-streams/streams';
import { connect, resolveConnection, waitUntilReachable } from './connection.ts';
import type { ClickHouseConnection, ClickHouseConnectionOptions } from './connection.ts';
import {
  ClickHouseInsertRefusedError,
  ClickHouseSinkNotOpenError,
  ClickHouseUnavailableError,
} from './errors.ts';
import { checkMigrated, migrate } from './migrations.ts';
import { NativeWriter } from './native-writer.ts';
import { applyRetention } from './retention.ts';
import { insertStatement, rowsOf, writeRows } from './table.ts';
import type { Table } from './table.ts';

export interface ClickHouseSinkOptions extends ClickHouseConnectionOptions {
  /** Days that rows are kept, counted from their insert. Default: for ever. */
  readonly retentionDays?: number;
  /**
   * `migrate`, the default, makes and alters what is missing, which needs the rights to. `check` only looks whether
   * somebody has done so: it is enough to be allowed to insert, and to read `schema_migrations`.
   */
  readonly schema?: 'migrate' | 'check';
}

const INITIAL_BYTES = 64 * 1024;
const MAX_IDLE_WRITERS = 4;
/** Acknowledged means written; and a batch may hold events of any number of years. */
const INSERT_SETTINGS = {
  async_insert: 0,
  wait_end_of_query: 1,
  max_partitions_per_insert_block: '0',
  // A batch names no row twice: looking for such rows takes longer than writing them.
  optimize_on_insert: 0,
  // More threads only get in each other's way: partitions are written side by side.
  max_threads: 1,
} as const;

/**
 * Writes a topic's records to a table, one row each.
 *
 * Once, however often a batch comes: a row is named by its record's position, the table keeps one row per name,
 * and a batch that comes again holds the same records. The table keeps no mark of what it holds.
 */
export class TableSink<V> implements SinkConnector<string, V> {
  /** Every insert makes a part that has to be merged: few large ones are cheaper. */
  readonly maxBatchRecords = 20_000;
  readonly #table: Table<V>;
  readonly #connection: ClickHouseConnection;
  readonly #retentionDays: number | undefined;
  readonly #schema: 'migrate' | 'check';
  readonly #statement: string;
  #opened: { readonly client: ClickHouseClient; readonly source: SinkSource } | undefined;
  /** Partitions are written side by side, each with a writer of its own. */
  readonly #idleWriters: NativeWriter[] = [];

  constructor(table: Table<V>, options: ClickHouseSinkOptions) {
    this.#table = table;
    this.#connection = resolveConnection(options);
    this.#retentionDays = options.retentionDays;
    this.#schema = options.schema ?? 'migrate';
    this.#statement = insertStatement(table);
  }

  async open(source: SinkSource): Promise<void> {
    await waitUntilReachable(this.#connection);
    await this.#prepare();
    this.#opened = { client: connect(this.#connection), source };
  }

  async #prepare(): Promise<void> {
    if (this.#schema === 'check') return checkMigrated(this.#connection);
    await migrate(this.#connection);
    await applyRetention(this.#connection, this.#table.name, this.#retentionDays);
  }

  appliedOffset(_partition: number): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async write(batch: SinkBatch<string, V>): Promise<void> {
    const opened = this.#opened;
    if (opened === undefined) {
      throw new ClickHouseSinkNotOpenError(`the sink of ${this.#table.name} is not open`);
    }
    const rows = rowsOf(batch, opened.source.topicEpoch);
    if (rows.length === 0) return;
    const writer = this.#idleWriters.pop() ?? new NativeWriter(INITIAL_BYTES);
    try {
      writeRows(writer, this.#table, rows);
      await this.#insert(opened.client, writer.bytes());
    } catch (error) {
      // The writer is not used again: a request that was given up may still hold its bytes.
      throw this.#explain(error, batch);
    }
    writer.clear();
    if (this.#idleWriters.length < MAX_IDLE_WRITERS) this.#idleWriters.push(writer);
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.client.close();
  }

  async #insert(client: ClickHouseClient, rows: Buffer): Promise<void> {
    const answer = await client.exec({
      query: this.#statement,
      values: Readable.from([rows], { objectMode: false }),
      clickhouse_settings: INSERT_SETTINGS,
    });
    await answer.stream.toArray();
  }

  #explain(error: unknown, batch: SinkBatch<string, V>): Error {
    const rows = `${formatPosition({ ...batch, offset: batch.firstOffset })}–${batch.lastOffset}`;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof ClickHouseError) {
      const message = `ClickHouse refused ${rows} for ${this.#table.name}: ${reason} (its code ${error.code})`;
      return new ClickHouseInsertRefusedError(message, { cause: error });
    }
    const message = `ClickHouse at ${this.#connection.url} did not take ${rows} for ${this.#table.name}: ${reason}`;
    return new ClickHouseUnavailableError(message, { cause: error });
  }
}
