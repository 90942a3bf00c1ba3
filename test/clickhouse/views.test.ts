import { beforeAll, expect, it } from 'vitest';
import { createTransitionsSink, createWindowsSink } from '../../connectors/clickhouse/index.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { engineForTests } from './engine-for-tests.ts';
import { START, TRANSITIONS, WINDOWS, batchOf, makeState, makeTransition, makeWindow } from './records.ts';

const clickhouse = engineForTests();

/** One incident's whole life: detected, opened after 30 s, acknowledged after 90 s, resolved after 10 minutes. */
function life(incidentId: string): IncidentTransition[] {
  const states: [IncidentTransition['type'], Partial<IncidentState>][] = [
    ['DETECTED', { status: 'PENDING', updatedAt: START }],
    ['OPENED', { status: 'OPEN', openedAt: START + 30_000, updatedAt: START + 30_000 }],
    [
      'ACKNOWLEDGED',
      {
        status: 'ACKNOWLEDGED',
        acknowledgedAt: START + 90_000,
        acknowledgedBy: 'ada',
        updatedAt: START + 90_000,
      },
    ],
    [
      'ACK_EXPIRED',
      { status: 'OPEN', acknowledgedAt: null, acknowledgedBy: null, updatedAt: START + 300_000 },
    ],
    [
      'RESOLVED',
      { status: 'RESOLVED', resolvedAt: START + 600_000, problemCount: 9, updatedAt: START + 600_000 },
    ],
  ];
  let state = makeState({ incidentId });
  return states.map(([type, changes], index) => {
    const from = index === 0 ? null : state.status;
    state = { ...state, ...changes, version: index + 1 };
    return makeTransition(type, state, { from });
  });
}

beforeAll(async () => {
  if (!clickhouse.available) return;
  const transitions = createTransitionsSink(clickhouse.connection);
  await transitions.open(TRANSITIONS);
  await transitions.write(batchOf(TRANSITIONS, life('whole').slice(0, 3)));
  await transitions.write(batchOf(TRANSITIONS, life('whole').slice(3), { firstOffset: 3 }));
  await transitions.write(batchOf(TRANSITIONS, life('whole').slice(0, 3)));
  await transitions.write(batchOf(TRANSITIONS, life('young').slice(0, 1), { partition: 1 }));
  await transitions.write(batchOf(TRANSITIONS, life('replayed'), { partition: 2 }));
  await transitions.write(batchOf(TRANSITIONS, life('old'), { partition: 3 }));
  await transitions.close();
  const replay = createTransitionsSink(clickhouse.connection);
  await replay.open({ ...TRANSITIONS, topicEpoch: TRANSITIONS.topicEpoch + 1 });
  await replay.write(batchOf(TRANSITIONS, life('replayed').slice(0, 2), { partition: 0, firstOffset: 100 }));
  await replay.close();
});

const MS = 'toUnixTimestamp64Milli';

it('incidents: the latest state of each, and how long it took to detect, acknowledge and resolve', async () => {
  const query = `SELECT incident_id, status, version, ${MS}(opened_at) - ${START} AS opened_ms, acknowledged_by,
    ${MS}(first_acknowledged_at) - ${START} AS acknowledged_ms, ${MS}(resolved_at) - ${START} AS resolved_ms,
    problem_count, transition_count, time_to_detect_ms, time_to_acknowledge_ms, time_to_resolve_ms
    FROM incidents WHERE incident_id IN ('whole', 'young') ORDER BY incident_id`;
  const nothing = { opened_ms: null, acknowledged_by: null, acknowledged_ms: null, resolved_ms: null };
  expect(await clickhouse.rows(query)).toEqual([
    {
      ...nothing,
      incident_id: 'whole',
      status: 'RESOLVED',
      version: 5,
      opened_ms: 30_000,
      acknowledged_ms: 90_000,
      resolved_ms: 600_000,
      problem_count: 9,
      transition_count: 5,
      time_to_detect_ms: 30_000,
      time_to_acknowledge_ms: 60_000,
      time_to_resolve_ms: 570_000,
    },
    {
      ...nothing,
      incident_id: 'young',
      status: 'PENDING',
      version: 1,
      problem_count: 1,
      transition_count: 1,
      time_to_detect_ms: null,
      time_to_acknowledge_ms: null,
      time_to_resolve_ms: null,
    },
  ]);
});

it('transitions: each once, in order, with its cause and the state after it', async () => {
  const found = await clickhouse.rows<{ type: string; state: string; cause: unknown }>(
    `SELECT type, from_status, to_status, (cause_topic, cause_partition, cause_offset, cause_event_id) AS cause, state
     FROM transitions WHERE incident_id = 'whole' ORDER BY version`,
  );
  expect(found.map(({ state, ...rest }) => ({ ...rest, state: JSON.parse(state) as unknown }))).toEqual(
    life('whole').map(({ type, from, to, state }) => ({
      type,
      from_status: from,
      to_status: to,
      cause: ['incident.inbox', 2, 17, 'e-1'],
      state,
    })),
  );
});

it('a replay into a topic made anew takes the place of the incidents it finds again, and of no others', async () => {
  const query =
    'SELECT incident_id, status, version FROM incidents WHERE incident_id IN ({ids:Array(String)}) ORDER BY 1';
  expect(await clickhouse.rows(query, { ids: ['old', 'replayed'] })).toEqual([
    { incident_id: 'old', status: 'RESOLVED', version: 5 },
    { incident_id: 'replayed', status: 'OPEN', version: 2 },
  ]);
  const count = "SELECT toUInt32(count()) AS n FROM transitions WHERE incident_id = 'replayed'";
  expect(await clickhouse.rows(count)).toEqual([{ n: 2 }]);
});

it('windows: each once', async () => {
  const windows = createWindowsSink(clickhouse.connection);
  await windows.open(WINDOWS);
  const batch = batchOf(WINDOWS, [makeWindow(), makeWindow({ windowStart: START + 60_000, valueMin: null })]);
  for (const again of [batch, batch]) await windows.write(again);
  await windows.close();
  expect(
    await clickhouse.rows('SELECT count, value_min, highest_severity FROM windows ORDER BY window_start'),
  ).toEqual([
    { count: 5, value_min: -1.5, highest_severity: 'CRITICAL' },
    { count: 5, value_min: null, highest_severity: 'CRITICAL' },
  ]);
});
