import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { WRITER_USERNAME, parseReport, toEnvironment } from '../connectors/clickhouse/engine/protocol.ts';
import { createTransitionsSink } from '../connectors/clickhouse/index.ts';
import { NO_HEADERS } from '@incident-streams/streams';
import type { SinkBatch, SinkSource } from '@incident-streams/streams';
import type { IncidentTransition } from '../schemas/generated/IncidentTransition.ts';
import { noDeadLetters } from './no-dead-letters.ts';

export interface ClickHouseSinkBenchOptions {
  /** Default 400,000. */
  readonly rows?: number;
  /** Rows of one batch, and of one insert of the bare client. Default 20,000, the most that runtimes send. */
  readonly batchRows?: number;
}

export interface ClickHouseSinkBenchResult {
  readonly rows: number;
  /** Through the sink: whole transitions, as columns and as JSON, four partitions side by side. */
  readonly rowsPerSecond: number;
  /** The same, one partition after the other. */
  readonly oneByOneRowsPerSecond: number;
  /** The rows of `rowsPerSecond` as ready-made objects through `@clickhouse/client`'s own insert as JSONEachRow. */
  readonly bareClientRowsPerSecond: number;
  /** How many times faster the sink is than the bare client. */
  readonly vsBareClient: number;
  /** Rows that the view showed at the end: it has to be `rows`, however often they were sent. */
  readonly visibleRows: number;
}

type Batch = SinkBatch<string, IncidentTransition>;

const SOURCE: SinkSource = {
  topic: 'incident.transitions',
  partitions: 4,
  topicEpoch: 1_700_000_000_000,
  deadLetter: noDeadLetters,
};
const ENGINE = fileURLToPath(new URL('../connectors/clickhouse/engine/main.ts', import.meta.url));
const PASSWORD = 'bench';

/** Inserts into a fresh embedded engine, over HTTP. Does not measure a server elsewhere, nor what reading costs. */
export async function benchClickHouseSink(
  options: ClickHouseSinkBenchOptions = {},
): Promise<ClickHouseSinkBenchResult> {
  const rows = options.rows ?? 400_000;
  const batches = makeBatches(rows, options.batchRows ?? 20_000);
  const dataDir = await mkdtemp(join(tmpdir(), 'clickhouse-bench-'));
  const engine = await startEngine(dataDir);
  const connection = { url: engine.url, username: WRITER_USERNAME, password: PASSWORD };
  const client = createClient({ ...connection, database: 'history' });
  try {
    const sink = createTransitionsSink(connection);
    await sink.open(SOURCE);
    const [first] = batches;
    if (first !== undefined) await sink.write(first);
    const write = (batch: Batch): Promise<void> => sink.write(batch);
    const oneByOneRowsPerSecond = await rate(rows, () => inOrder(batches, write));
    const rowsPerSecond = await rate(rows, () => byPartition(batches, write));
    await sink.close();
    const visibleRows = await countVisible(client);
    const bareClientRowsPerSecond = await benchBareClient(client, batches, rows);
    const vsBareClient = rowsPerSecond / bareClientRowsPerSecond;
    return { rows, rowsPerSecond, oneByOneRowsPerSecond, bareClientRowsPerSecond, vsBareClient, visibleRows };
  } finally {
    await client.close();
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function benchBareClient(
  client: ClickHouseClient,
  batches: readonly Batch[],
  rows: number,
): Promise<number> {
  await client.command({ query: 'CREATE TABLE bare AS transition_log' });
  const inserts = new Map(
    batches.map((batch) => [batch, batch.records.map((record) => bareRow(batch, record))] as const),
  );
  return rate(rows, () =>
    byPartition(batches, async (batch) => {
      await client.insert({ table: 'bare', values: inserts.get(batch) ?? [], format: 'JSONEachRow' });
    }),
  );
}

async function inOrder(batches: readonly Batch[], write: (batch: Batch) => Promise<void>): Promise<void> {
  for (const batch of batches) await write(batch);
}

async function byPartition(batches: readonly Batch[], write: (batch: Batch) => Promise<void>): Promise<void> {
  const partitions = Map.groupBy(batches, ({ partition }) => partition);
  await Promise.all([...partitions.values()].map((own) => inOrder(own, write)));
}

async function rate(rows: number, work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return Math.round((rows / (performance.now() - startMs)) * 1000);
}

async function countVisible(client: ClickHouseClient): Promise<number> {
  const result = await client.query({ query: 'SELECT count() AS n FROM transitions', format: 'JSONEachRow' });
  const [row] = await result.json<{ n: number | string }>();
  return Number(row?.n);
}

async function startEngine(dataDir: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [ENGINE], {
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...process.env,
      ...toEnvironment({ dataDir, database: 'history', port: 0, writerPassword: PASSWORD, lockTimeoutMs: 0 }),
    },
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const report = parseReport(line);
    if (report?.state === 'unavailable') throw new Error(report.reason);
    if (report?.state !== 'listening') continue;
    const stop = (): Promise<void> => (child.kill('SIGTERM'), gone);
    return { url: `http://127.0.0.1:${report.port}`, stop };
  }
  throw new Error('the engine ended before it was ready');
}

function makeBatches(rows: number, batchRows: number): Batch[] {
  return Array.from({ length: Math.ceil(rows / batchRows) }, (_, index) => {
    const firstOffset = index * batchRows;
    const lastOffset = Math.min(rows, firstOffset + batchRows) - 1;
    const records = Array.from({ length: lastOffset - firstOffset + 1 }, (_unused, row) => {
      const value = makeTransition(firstOffset + row);
      return {
        offset: firstOffset + row,
        timestamp: value.at,
        key: value.correlationKey,
        value,
        headers: NO_HEADERS,
      };
    });
    const partition = index % SOURCE.partitions;
    return { topic: SOURCE.topic, partition, firstOffset, lastOffset, records, mode: 'live' as const };
  });
}

function makeTransition(index: number): IncidentTransition {
  const incident = Math.floor(index / 8);
  const incidentId = `inc-${incident.toString(16).padStart(16, '0')}`;
  const service = `service-${incident % 50}`;
  const correlationKey = `${service}/component-${incident % 400}`;
  const at = SOURCE.topicEpoch + index * 250;
  const version = (index % 8) + 1;
  const opened = version > 1;
  return {
    incidentId,
    correlationKey,
    version,
    type: opened ? 'UPDATED' : 'DETECTED',
    from: opened ? 'OPEN' : null,
    to: 'OPEN',
    at,
    reason: `${version} problems within the window of one minute`,
    ruleId: 'default',
    ruleVersion: 1,
    actor: 'system',
    comment: null,
    cause: {
      topic: 'incident.inbox',
      partition: 0,
      offset: index,
      eventSource: service,
      eventId: `event-${index}`,
    },
    state: {
      incidentId,
      correlationKey,
      service,
      component: `component-${incident % 400}`,
      fingerprint: null,
      status: 'OPEN',
      severity: 'MAJOR',
      summary: `Error rate of ${service} above its threshold since ${at}`,
      version,
      firstProblemAt: at - 60_000,
      lastProblemAt: at,
      openedAt: opened ? at - 30_000 : null,
      acknowledgedAt: null,
      acknowledgedBy: null,
      recoveredAt: null,
      resolvedAt: null,
      closedAt: null,
      problemCount: version * 3,
      reopenCount: 0,
      ruleId: 'default',
      ruleVersion: 1,
      updatedAt: at,
    },
  };
}

function bareRow(batch: Batch, record: Batch['records'][number]): Record<string, unknown> {
  const { value } = record;
  if (value === null) return {};
  const { state, cause } = value;
  return {
    topic: batch.topic,
    topic_epoch: SOURCE.topicEpoch,
    topic_partition: batch.partition,
    topic_offset: record.offset,
    incident_id: value.incidentId,
    correlation_key: value.correlationKey,
    version: value.version,
    type: value.type,
    from_status: value.from,
    to_status: value.to,
    at: value.at,
    reason: value.reason,
    rule_id: value.ruleId,
    rule_version: value.ruleVersion,
    actor: value.actor,
    comment: value.comment,
    cause_topic: cause.topic,
    cause_partition: cause.partition,
    cause_offset: cause.offset,
    cause_event_source: cause.eventSource,
    cause_event_id: cause.eventId,
    service: state.service,
    component: state.component,
    fingerprint: state.fingerprint,
    severity: state.severity,
    summary: state.summary,
    first_problem_at: state.firstProblemAt,
    last_problem_at: state.lastProblemAt,
    opened_at: state.openedAt,
    acknowledged_at: state.acknowledgedAt,
    acknowledged_by: state.acknowledgedBy,
    recovered_at: state.recoveredAt,
    resolved_at: state.resolvedAt,
    closed_at: state.closedAt,
    problem_count: state.problemCount,
    reopen_count: state.reopenCount,
    updated_at: state.updatedAt,
    state: JSON.stringify(state),
  };
}
