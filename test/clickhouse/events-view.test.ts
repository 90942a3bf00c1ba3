import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { createEventsSink, migrate } from '../../connectors/clickhouse/index.ts';
import type { EventVerdict } from '../../schemas/generated/EventVerdict.ts';
import { engineForTests } from './engine-for-tests.ts';
import { START, VERDICTS, batchOf, makeEvent, makeVerdict } from './records.ts';

const clickhouse = engineForTests();

function verdictOn(id: string, changes: Partial<EventVerdict> = {}): EventVerdict {
  return makeVerdict(makeEvent({ id }), changes);
}

const FIRST_TIME = [
  makeVerdict(makeEvent({ id: 'fine', attributes: { region: 'eu', 'a"b': 'ü' }, value: 2 })),
  verdictOn('fine', { outcome: 'DUPLICATE', reason: 'seen before', inboxOffset: 18 }),
  verdictOn('slow', { outcome: 'LATE', reason: '2 h behind', inboxOffset: 19 }),
  verdictOn('', { outcome: 'REJECTED', reason: 'id is empty', receivedAt: null, inboxOffset: 20 }),
  verdictOn('only then', { inboxOffset: 21 }),
];

async function write(values: readonly EventVerdict[], topicEpoch: number): Promise<void> {
  const sink = createEventsSink(clickhouse.connection);
  await sink.open({ ...VERDICTS, topicEpoch });
  for (let time = 1; time <= 2; time++) await sink.write(batchOf(VERDICTS, values));
  await sink.close();
}

beforeAll(async () => {
  if (clickhouse.available) await write(FIRST_TIME, VERDICTS.topicEpoch);
});

it('events: each record once, with what became of it, why and where it lay', async () => {
  const query = `SELECT outcome, reason, toUnixTimestamp64Milli(received_at) - ${START} AS received_after_ms,
    inbox_partition, toUInt32(inbox_offset) AS inbox_offset, event_id, value, attributes
    FROM events WHERE event_id != 'only then' ORDER BY topic_offset`;
  const place = { received_after_ms: 1_500, inbox_partition: 2 };
  const nothing = { value: null, attributes: {} };
  expect(await clickhouse.rows(query)).toEqual([
    {
      ...place,
      outcome: 'applied',
      reason: null,
      inbox_offset: 17,
      event_id: 'fine',
      value: 2,
      attributes: { region: 'eu', 'a"b': 'ü' },
    },
    {
      ...place,
      ...nothing,
      outcome: 'duplicate',
      reason: 'seen before',
      inbox_offset: 18,
      event_id: 'fine',
    },
    { ...place, ...nothing, outcome: 'late', reason: '2 h behind', inbox_offset: 19, event_id: 'slow' },
    {
      ...place,
      ...nothing,
      outcome: 'rejected',
      reason: 'id is empty',
      received_after_ms: null,
      inbox_offset: 20,
      event_id: '',
    },
  ]);
});

it('late events are those of the events that came late', async () => {
  expect(await clickhouse.rows('SELECT event_id, topic FROM late_events')).toEqual([
    { event_id: 'slow', topic: VERDICTS.topic },
  ]);
});

it('replays into topics made anew take the place of the events they find again, and of no others', async () => {
  await write([verdictOn('fine', { outcome: 'LATE' })], VERDICTS.topicEpoch + 1);
  await write([verdictOn('slow'), verdictOn('fine')], VERDICTS.topicEpoch + 2);
  const query = `SELECT event_id, outcome, toUInt32(toUnixTimestamp64Milli(topic_epoch) - ${VERDICTS.topicEpoch}) AS epoch
    FROM events ORDER BY event_id`;
  expect(await clickhouse.rows(query)).toEqual([
    { event_id: '', outcome: 'rejected', epoch: 0 },
    { event_id: 'fine', outcome: 'applied', epoch: 2 },
    { event_id: 'only then', outcome: 'applied', epoch: 0 },
    { event_id: 'slow', outcome: 'applied', epoch: 2 },
  ]);
});

it('late events from before all events were archived are brought over, once', async () => {
  const options = { ...clickhouse.connection, database: 'before' };
  await clickhouse.writer.command({ query: 'CREATE DATABASE before' });
  const firstTables = readFileSync(
    new URL('../../connectors/clickhouse/migrations/001_tables.sql', import.meta.url),
    'utf8',
  );
  for (const statement of firstTables.split(/;\n/).filter((part) => part.trim() !== '')) {
    await clickhouse.writer.command({
      query: statement.replace(/CREATE TABLE IF NOT EXISTS /, 'CREATE TABLE before.'),
    });
  }
  const row = {
    topic: 'incident.late',
    topic_epoch: '2020-01-01 00:00:00.000',
    topic_partition: 3,
    topic_offset: 7,
    event_source: 'probe',
    event_id: 'old',
    time: '2019-12-31 23:00:00.000',
    attributes: { region: 'eu' },
    inserted_at: '2020-01-01 00:00:01.000',
  };
  await clickhouse.writer.insert({
    table: 'before.late_event_log',
    values: [row, row],
    format: 'JSONEachRow',
  });
  await migrate(options);
  await clickhouse.writer.command({
    query: 'ALTER TABLE before.schema_migrations DELETE WHERE version = 3 SETTINGS mutations_sync = 2',
  });
  await migrate(options);
  expect(await clickhouse.rows(`SELECT ${Object.keys(row).join(', ')} FROM before.late_events`)).toEqual([
    row,
  ]);
  expect(
    await clickhouse.rows(
      'SELECT outcome, event_id, inbox_offset, received_at, inserted_at FROM before.events',
    ),
  ).toEqual([
    { outcome: 'late', event_id: 'old', inbox_offset: null, received_at: null, inserted_at: row.inserted_at },
  ]);
});
