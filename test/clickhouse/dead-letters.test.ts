import { expect, it } from 'vitest';
import type { Header, SinkBatch, SinkRecord } from '@incident-streams/streams';
import { createDeadLettersSink } from '../../connectors/clickhouse/index.ts';
import { engineForTests } from './engine-for-tests.ts';
import { START, TRANSITIONS } from './records.ts';

const clickhouse = engineForTests();
const SOURCE = { ...TRANSITIONS, topic: 'incident.dead-letters' };
type DeadRecord = SinkRecord<Uint8Array | null, Uint8Array>;

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

function header(name: string, value: string | Uint8Array): Header {
  return { name, value: typeof value === 'string' ? Buffer.from(value) : value };
}

function deadRecord(offset: number, changes: Partial<DeadRecord> = {}): DeadRecord {
  const headers = [
    header('trace', EVERY_BYTE),
    header('__streams.errors.exception', 'EVENT_REJECTED'),
    header('__streams.errors.message', 'summary is too long: ü'),
    header('__streams.errors.topic', 'incident.inbox'),
    header('__streams.errors.partition', '3'),
    header('__streams.errors.offset', String(2 ** 40 + offset)),
  ];
  return { offset, timestamp: START + offset, key: EVERY_BYTE, value: EVERY_BYTE, headers, ...changes };
}

async function write(records: readonly DeadRecord[], source = SOURCE): Promise<void> {
  const sink = createDeadLettersSink(clickhouse.connection);
  await sink.open(source);
  const offsets = records.map(({ offset }) => offset);
  const batch: SinkBatch<Uint8Array | null, Uint8Array> = {
    topic: source.topic,
    partition: 0,
    firstOffset: Math.min(...offsets),
    lastOffset: Math.max(...offsets),
    mode: 'live',
    records,
  };
  for (let time = 1; time <= 2; time++) await sink.write(batch);
  await sink.close();
}

const PLACE = `source_topic, source_partition, toInt64(source_offset) - ${2 ** 40} AS nth`;

it('dead letters are archived once, whole, with the reason and the place they come from', async () => {
  await write([deadRecord(0), deadRecord(1, { key: null, value: null }), deadRecord(2, { headers: [] })]);
  const every = Buffer.from(EVERY_BYTE).toString('hex').toUpperCase();
  const found = await clickhouse.rows(`SELECT ${PLACE}, code, message,
    toInt32(toUnixTimestamp64Milli(at) - ${START}) AS at, hex(key) AS key, hex(value) AS value,
    hex(headers['trace']) AS trace, toUInt32(length(headers)) AS header_count
    FROM dead_letters ORDER BY topic_offset`);
  const reason = {
    source_topic: 'incident.inbox',
    source_partition: 3,
    code: 'EVENT_REJECTED',
    message: 'summary is too long: ü',
    trace: every,
    header_count: 6,
  };
  const unexplained = {
    source_topic: null,
    source_partition: null,
    nth: null,
    code: null,
    message: null,
    trace: '',
    header_count: 0,
  };
  expect(found).toEqual([
    { ...reason, nth: 0, at: 0, key: every, value: every },
    { ...reason, nth: 1, at: 1, key: null, value: null },
    { ...unexplained, at: 2, key: every, value: every },
  ]);
});

it('a place that is no number is none, and hides nothing', async () => {
  const nowhere = [
    header('__streams.errors.topic', 'elsewhere'),
    header('__streams.errors.partition', '-1'),
    header('__streams.errors.offset', '9'.repeat(30)),
  ];
  await write([deadRecord(10, { headers: nowhere })]);
  expect(
    await clickhouse.rows(
      "SELECT source_partition, source_offset FROM dead_letters WHERE source_topic = 'elsewhere'",
    ),
  ).toEqual([{ source_partition: null, source_offset: null }]);
});

it('a replay into a topic made anew takes the place of the dead letters it finds again', async () => {
  await write([deadRecord(1), deadRecord(20)]);
  await write([deadRecord(1, { value: Buffer.from('again') })], {
    ...SOURCE,
    topicEpoch: SOURCE.topicEpoch + 1,
  });
  const found = await clickhouse.rows(`SELECT ${PLACE}, hex(value) = hex('again') AS again
    FROM dead_letters WHERE source_partition = 3 AND source_offset > ${2 ** 40} ORDER BY source_offset`);
  const place = { source_topic: 'incident.inbox', source_partition: 3 };
  expect(found).toEqual([
    { ...place, nth: 1, again: 1 },
    { ...place, nth: 20, again: 0 },
  ]);
});
