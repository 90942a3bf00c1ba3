import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startClickHouseEngine } from '../../cli/services/clickhouse-engine.ts';
import type { StartedClickHouseEngine } from '../../cli/services/clickhouse-engine.ts';

export interface EngineForTests {
  /** False where the tests of the file are going to be skipped. */
  readonly available: boolean;
  readonly engine: StartedClickHouseEngine;
  readonly dataDir: string;
  /** As the writer, on the database `history`. */
  readonly writer: ClickHouseClient;
  /** As anybody. */
  readonly reader: ClickHouseClient;
  /** What a sink needs to connect. */
  readonly connection: { readonly url: string; readonly username: string; readonly password: string };
  /** Rows of a query by a reader. */
  rows<T = Record<string, unknown>>(query: string, parameters?: Record<string, unknown>): Promise<T[]>;
}

/** The only failures that let a test be skipped: there is no chDB to test with. */
const NOT_LOADABLE = /chdb (is not installed|cannot be loaded|has no build)/;

/** Starts a real engine for the tests of one file. Read the result inside of tests only. */
export function engineForTests(): EngineForTests {
  let started: StartedClickHouseEngine | undefined;
  let skipReason: string | undefined;
  let dataDir = '';
  const clients: ClickHouseClient[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'clickhouse-test-'));
    const outcome = await startClickHouseEngine({ dataDir });
    if ('url' in outcome) {
      started = outcome;
      const base = { url: outcome.url, database: outcome.database, log: { level: ClickHouseLogLevel.OFF } };
      clients.push(createClient({ ...base, ...outcome.writer }), createClient(base));
    } else if (NOT_LOADABLE.test(outcome.unavailable)) skipReason = outcome.unavailable;
    else throw new Error(outcome.unavailable);
  });
  beforeEach((context) => {
    context.skip(skipReason !== undefined, skipReason);
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await started?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const present = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the engine is not started');
    return value;
  };
  return {
    get available() {
      return started !== undefined;
    },
    get engine() {
      return present(started);
    },
    get dataDir() {
      return dataDir;
    },
    get writer() {
      return present(clients[0]);
    },
    get reader() {
      return present(clients[1]);
    },
    get connection() {
      return { url: this.engine.url, ...this.engine.writer };
    },
    async rows<T>(query: string, parameters: Record<string, unknown> = {}) {
      const result = await this.reader.query({ query, query_params: parameters, format: 'JSONEachRow' });
      return result.json<T>();
    },
  };
}
