import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createEventsSink,
  createTransitionsSink,
  createWindowsSink,
} from '../../connectors/clickhouse/index.ts';
import type { EventVerdict } from '../../schemas/generated/EventVerdict.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { engineForTests } from './engine-for-tests.ts';
import {
  START,
  TRANSITIONS,
  VERDICTS,
  WINDOWS,
  batchOf,
  makeEvent,
  makeState,
  makeTransition,
  makeVerdict,
} from './records.ts';

const clickhouse = engineForTests();

/** 1900 to 2299: what DateTime64(3) holds. */
const time = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2299, 11, 31) });
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('', '\n\n', '\n\n;DROP TABLE x;\n\n', '\0', '\\', "'", '\t', 'ü', 'x'.repeat(50_000)),
);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

const events: fc.Arbitrary<IncidentEvent> = fc.record({
  id: text,
  source: text,
  type: text,
  time,
  service: text,
  component: text,
  fingerprint: fc.option(text),
  kind: fc.constantFrom('PROBLEM', 'SAMPLE', 'RECOVERY'),
  severity: fc.constantFrom('INFO', 'MINOR', 'MAJOR', 'CRITICAL'),
  summary: text,
  value: fc.option(finite),
  attributes: fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: true }),
});

const verdicts: fc.Arbitrary<EventVerdict> = fc.record({
  outcome: fc.constantFrom('APPLIED', 'DUPLICATE', 'LATE', 'REJECTED'),
  reason: fc.option(text),
  receivedAt: fc.option(time),
  inboxPartition: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  inboxOffset: count,
  event: events,
});

const windows: fc.Arbitrary<WindowAggregate> = fc.record({
  correlationKey: text,
  service: text,
  component: text,
  windowStart: time,
  windowEnd: time,
  count,
  problems: count,
  samples: count,
  recoveries: count,
  valueSum: finite,
  valueMin: fc.option(finite),
  valueMax: fc.option(finite),
  highestSeverity: fc.option(fc.constantFrom('INFO', 'MINOR', 'MAJOR', 'CRITICAL')),
  firstEventTime: time,
  lastEventTime: time,
});

/** Well-formed text only: what is not UTF-16 cannot become UTF-8. */
function wellFormed<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === 'string' ? inner.toWellFormed() : inner,
  ) as T;
}

const AS_TYPESCRIPT = {
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_denormals: 1,
} as const;

async function readBack<T>(query: string): Promise<T[]> {
  const result = await clickhouse.reader.query({
    query,
    format: 'JSONEachRow',
    clickhouse_settings: AS_TYPESCRIPT,
  });
  return result.json<T>();
}

it('events come back as they were written, with what became of them', async () => {
  const sink = createEventsSink(clickhouse.connection);
  await sink.open(VERDICTS);
  let partition = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(verdicts.map(wellFormed), { minLength: 1, maxLength: 30 }), async (values) => {
      await sink.write(batchOf(VERDICTS, values, { partition: ++partition }));
      const found = await readBack<
        IncidentEvent & Omit<EventVerdict, 'event'>
      >(`SELECT upper(outcome) AS outcome,
        reason, toUnixTimestamp64Milli(received_at) AS receivedAt, inbox_partition AS inboxPartition,
        inbox_offset AS inboxOffset, event_id AS id, event_source AS source, type,
        toUnixTimestamp64Milli(time) AS time, service, component, fingerprint, kind, severity, summary, value, attributes
        FROM event_log WHERE topic_partition = ${partition} ORDER BY topic_offset`);
      expect(found).toEqual(
        values.map(({ event, ...rest }) => ({ ...rest, ...event, value: plusZero(event.value) })),
      );
    }),
    { numRuns: 40 },
  );
  await sink.close();
});

it('windows come back as they were written', async () => {
  const sink = createWindowsSink(clickhouse.connection);
  await sink.open(WINDOWS);
  let partition = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(windows.map(wellFormed), { minLength: 1, maxLength: 30 }), async (values) => {
      await sink.write(batchOf(WINDOWS, values, { partition: ++partition }));
      const found = await readBack(`SELECT correlation_key AS correlationKey, service, component,
        toUnixTimestamp64Milli(window_start) AS windowStart, toUnixTimestamp64Milli(window_end) AS windowEnd,
        count, problems, samples, recoveries, value_sum AS valueSum, value_min AS valueMin, value_max AS valueMax,
        highest_severity AS highestSeverity, toUnixTimestamp64Milli(first_event_time) AS firstEventTime,
        toUnixTimestamp64Milli(last_event_time) AS lastEventTime
        FROM window_log WHERE topic_partition = ${partition} ORDER BY topic_offset`);
      const expected = values.map((value) => ({
        ...value,
        valueSum: plusZero(value.valueSum),
        valueMin: plusZero(value.valueMin),
        valueMax: plusZero(value.valueMax),
      }));
      expect(found).toEqual(expected);
    }),
    { numRuns: 40 },
  );
  await sink.close();
});

it('a batch of many blocks comes back whole and in order', async () => {
  const sink = createTransitionsSink(clickhouse.connection);
  await sink.open(TRANSITIONS);
  const values = Array.from({ length: 10_000 }, (_, index) =>
    makeTransition(
      'UPDATED',
      makeState({ incidentId: `inc-${index}`, version: index + 1, summary: `ü${index}`.repeat(index % 90) }),
    ),
  );
  await sink.write(batchOf(TRANSITIONS, values));
  const found = await readBack<{ offset: number; state: string }>(
    'SELECT topic_offset AS offset, state FROM transitions ORDER BY topic_offset',
  );
  expect(found.map(({ offset, state }) => [offset, JSON.parse(state) as unknown])).toEqual(
    values.map(({ state }, offset) => [offset, state]),
  );
  await sink.close();
});

it('an instant beyond what ClickHouse can show stops nothing', async () => {
  const sink = createEventsSink(clickhouse.connection);
  await sink.open(VERDICTS);
  const times = [0, -1, START, 8.64e15, -8.64e15, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  await sink.write(
    batchOf(
      VERDICTS,
      times.map((instant) => makeVerdict(makeEvent({ time: instant }))),
      { partition: 999 },
    ),
  );
  const found = await readBack('SELECT topic_offset FROM event_log WHERE topic_partition = 999');
  expect(found).toHaveLength(times.length);
  await sink.close();
});

/** JSON has no negative zero. */
function plusZero<T extends number | null>(value: T): T {
  return (value === 0 ? 0 : value) as T;
}
