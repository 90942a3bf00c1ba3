import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SinkConnector } from '@incident-streams/streams';
import { createTransitionsSink } from '../../connectors/clickhouse/index.ts';
import type { IncidentState, IncidentStatus } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { engineForTests } from './engine-for-tests.ts';
import { START, TRANSITIONS, batchOf, makeState, makeTransition } from './records.ts';

const clickhouse = engineForTests();
let sink: SinkConnector<string, IncidentTransition>;
/** Each case writes into one of its own. */
let partition = 100;

beforeAll(async () => {
  if (!clickhouse.available) return;
  sink = createTransitionsSink(clickhouse.connection);
  await sink.open(TRANSITIONS);
});
afterAll(() => (clickhouse.available ? sink.close() : undefined));

const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('', 'null', '\n', '"', '\\', '/', '\0'),
  )
  .map((any) => any.toWellFormed());
const time = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const int = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const status = fc.constantFrom<IncidentStatus>('PENDING', 'OPEN', 'ACKNOWLEDGED', 'RESOLVED', 'CLOSED');

const states: fc.Arbitrary<IncidentState> = fc.record({
  incidentId: text,
  correlationKey: text,
  service: text,
  component: text,
  fingerprint: fc.option(text),
  status,
  severity: fc.constantFrom('INFO', 'MINOR', 'MAJOR', 'CRITICAL'),
  summary: text,
  version: int,
  firstProblemAt: time,
  lastProblemAt: time,
  openedAt: fc.option(time),
  acknowledgedAt: fc.option(time),
  acknowledgedBy: fc.option(text),
  recoveredAt: fc.option(time),
  resolvedAt: fc.option(time),
  closedAt: fc.option(time),
  problemCount: fc.maxSafeNat(),
  reopenCount: int,
  ruleId: text,
  ruleVersion: int,
  updatedAt: time,
});

/** Once with the settings as they are, once with those that make numbers text. */
const SETTINGS = [
  {},
  { output_format_json_quote_64bit_integers: 1, output_format_json_named_tuples_as_objects: 0 },
] as const;

async function statesIn(view: 'transitions' | 'incidents', where: string): Promise<unknown[][]> {
  return Promise.all(
    SETTINGS.map(async (settings) => {
      const result = await clickhouse.reader.query({
        query: `SELECT state FROM ${view} WHERE ${where}`,
        format: 'JSONEachRow',
        clickhouse_settings: settings,
      });
      return (await result.json<{ state: string }>()).map(({ state }) => JSON.parse(state) as unknown);
    }),
  );
}

it('a state comes back from the columns as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(states, { minLength: 1, maxLength: 20 }), async (values) => {
      const transitions = values.map((state, index) =>
        // An id that no other case has: of each incident only the latest version is shown.
        makeTransition(
          'UPDATED',
          { ...state, incidentId: `${state.incidentId} ${++partition} ${index}` },
          { at: START },
        ),
      );
      await sink.write(batchOf(TRANSITIONS, transitions, { partition }));
      const stored = `SELECT sum(length(state)) AS bytes FROM transition_log WHERE topic_partition = ${partition}`;
      expect(Number((await clickhouse.rows<{ bytes: number }>(stored))[0]?.bytes)).toBe(0);
      const expected = transitions.map(({ state }) => state);
      for (const found of await statesIn(
        'transitions',
        `topic_partition = ${partition} ORDER BY topic_offset`,
      )) {
        expect(found).toEqual(expected);
      }
    }),
    { numRuns: 30 },
  );
});

const OTHERWISE: Partial<IncidentTransition>[] = [
  { incidentId: 'another' },
  { correlationKey: 'another/one' },
  { to: 'CLOSED' },
  { version: 7 },
  { ruleId: 'another' },
  { ruleVersion: 7 },
];

it('a state that says otherwise than its transition comes back as it was', async () => {
  const own = ++partition;
  const transitions = OTHERWISE.map((changes, index) =>
    makeTransition('UPDATED', makeState({ incidentId: `otherwise-${index}`, status: 'OPEN' }), changes),
  );
  await sink.write(batchOf(TRANSITIONS, transitions, { partition: own }));
  const expected = transitions.map(({ state }) => state);
  for (const found of await statesIn('transitions', `topic_partition = ${own} ORDER BY topic_offset`)) {
    expect(found).toEqual(expected);
  }
});

it('an incident shows its last state, also one that was written when rows still had it as JSON', async () => {
  const incident = (version: number): IncidentTransition =>
    makeTransition(
      'UPDATED',
      makeState({
        ...{ incidentId: 'with-a-past', version, recoveredAt: START + version },
        ...{ acknowledgedBy: 'ada', acknowledgedAt: START, summary: `"${version}" \\ /` },
      }),
    );
  const own = ++partition;
  await sink.write(batchOf(TRANSITIONS, [incident(1), incident(2)], { partition: own }));
  const where = "incident_id = 'with-a-past'";
  for (const found of await statesIn('incidents', where)) expect(found).toEqual([incident(2).state]);
  const past = { ...incident(3).state, asItWasWritten: true };
  await clickhouse.writer.insert({
    table: 'transition_log',
    values: [
      {
        ...{
          topic: TRANSITIONS.topic,
          topic_epoch: TRANSITIONS.topicEpoch,
          topic_partition: own,
          topic_offset: 2,
        },
        ...{ incident_id: 'with-a-past', version: 3, at: START, state: JSON.stringify(past) },
      },
    ],
    format: 'JSONEachRow',
  });
  for (const found of await statesIn('incidents', where)) expect(found).toEqual([past]);
  for (const found of await statesIn('transitions', `${where} ORDER BY version`)) {
    expect(found).toEqual([incident(1).state, incident(2).state, past]);
  }
});
