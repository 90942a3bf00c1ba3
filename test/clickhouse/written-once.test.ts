import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTransitionsSink } from '../../connectors/clickhouse/index.ts';
import type { SinkBatch, SinkConnector } from '@incident-streams/streams';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { engineForTests } from './engine-for-tests.ts';
import { START, TRANSITIONS, batchOf, makeState, makeTransition } from './records.ts';

const clickhouse = engineForTests();
let sink: SinkConnector<string, IncidentTransition>;

beforeAll(async () => {
  if (!clickhouse.available) return;
  sink = createTransitionsSink(clickhouse.connection);
  await sink.open(TRANSITIONS);
});
afterAll(() => (clickhouse.available ? sink.close() : undefined));

/** Incidents of one transition each, a month apart, so that their rows fall into several years. */
function batch(partition: number, firstOffset: number, count: number): SinkBatch<string, IncidentTransition> {
  const values = Array.from({ length: count }, (_, index) => {
    const incidentId = `inc-${partition}-${firstOffset + index}`;
    const updatedAt = START + index * 30 * 86_400_000;
    return makeTransition('DETECTED', makeState({ incidentId, updatedAt }));
  });
  return batchOf(TRANSITIONS, values, { partition, firstOffset });
}

async function counted(partition: number): Promise<unknown> {
  const query = `SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(incident_id)) AS incidents
    FROM transitions WHERE topic_partition = {partition:UInt32}`;
  return (await clickhouse.rows(query, { partition }))[0];
}

it('shows a batch once that was written twice', async () => {
  await sink.write(batch(0, 0, 50));
  await sink.write(batch(0, 0, 50));
  expect(await counted(0)).toEqual({ rows: 50, incidents: 50 });
});

it('shows a batch once that came again after others, and after they were merged', async () => {
  await sink.write(batch(1, 0, 20));
  await sink.write(batch(1, 20, 20));
  await clickhouse.writer.command({ query: 'OPTIMIZE TABLE transition_log FINAL' });
  await sink.write(batch(1, 40, 20));
  await sink.write(batch(1, 0, 20));
  expect(await counted(1)).toEqual({ rows: 60, incidents: 60 });
  await clickhouse.writer.command({ query: 'OPTIMIZE TABLE transition_log FINAL' });
  expect(await counted(1)).toEqual({ rows: 60, incidents: 60 });
});

it('shows a batch once that another process writes at the same time', async () => {
  const other = createTransitionsSink(clickhouse.connection);
  await other.open(TRANSITIONS);
  await Promise.all([sink.write(batch(2, 0, 300)), other.write(batch(2, 0, 300))]);
  await other.close();
  expect(await counted(2)).toEqual({ rows: 300, incidents: 300 });
});

it('keeps the same offsets of different partitions apart, and writes nothing for a tombstone', async () => {
  await sink.write(batch(3, 0, 5));
  const tombstones = batch(3, 5, 2);
  await sink.write({
    ...tombstones,
    records: tombstones.records.map((record) => ({ ...record, value: null })),
  });
  expect(await counted(3)).toEqual({ rows: 5, incidents: 5 });
});

it('takes a batch whose events lie in more years than one insert may touch by default', async () => {
  const values = Array.from({ length: 150 }, (_, index) => {
    const updatedAt = Date.UTC(1950 + index, 6, 1);
    return makeTransition('DETECTED', makeState({ incidentId: `year-${index}`, updatedAt }));
  });
  await sink.write(batchOf(TRANSITIONS, values, { partition: 7 }));
  expect(await counted(7)).toEqual({ rows: 150, incidents: 150 });
});

it('keeps no mark of what it holds', async () => {
  expect(await sink.appliedOffset(0)).toBeUndefined();
});
