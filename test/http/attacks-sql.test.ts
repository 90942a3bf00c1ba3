import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createClickHouseTimeline } from '../../cli/run/api/clickhouse-timeline.ts';
import { createTransitionsSink } from '../../connectors/clickhouse/index.ts';
import { engineForTests } from '../clickhouse/engine-for-tests.ts';
import { TRANSITIONS, batchOf, makeState, makeTransition } from '../clickhouse/records.ts';
import { runServer } from './running-server.ts';
import type { RunningServer } from './running-server.ts';
import { incident } from './samples.ts';

const clickhouse = engineForTests();

const ATTACKS = [
  "' OR 1=1 --",
  "secret' OR '1'='1",
  "x'; DROP TABLE transition_log; --",
  "x\\' OR 1=1 --",
  "x' UNION ALL SELECT * FROM transition_log --",
  '{incidentId:Identifier}',
  '%',
  'secret%',
];

beforeAll(async () => {
  if (!clickhouse.available) return;
  const sink = createTransitionsSink(clickhouse.connection);
  await sink.open(TRANSITIONS);
  await sink.write(
    batchOf(TRANSITIONS, [
      makeTransition('OPENED', makeState({ incidentId: 'secret', status: 'OPEN' }), { from: null }),
    ]),
  );
  await sink.close();
});

/** The API over the real timeline of ClickHouse, as a user who may even drop tables. */
async function serverOverClickHouse(): Promise<RunningServer> {
  const history = createClickHouseTimeline({ ...clickhouse.connection, database: 'history' });
  onTestFinished(() => history.close());
  return runServer({}, (ports) => ({
    ...ports,
    incidents: { ...ports.incidents, timeline: history.timeline },
  }));
}

test.each(ATTACKS)('SQL in an id finds nothing in the timeline and changes nothing: %s', async (id) => {
  const server = await serverOverClickHouse();
  const { status, json } = await server.get(`/incidents/${encodeURIComponent(id)}/timeline`);
  expect([status, json.code]).toEqual([404, 'HTTP_INCIDENT_UNKNOWN']);
  const whole = await server.get('/incidents/secret/timeline');
  expect(whole.json.transitions).toHaveLength(1);
});

test.each(['after=0%20OR%201=1', "after=0'--", 'limit=1;DROP', 'after=-1', 'limit=0x10', 'order=1;--'])(
  'SQL in ?%s is refused',
  async (query) => {
    const server = await serverOverClickHouse();
    const { status, json } = await server.get(`/incidents/secret/timeline?${query}`);
    expect([status, json.code]).toEqual([400, 'HTTP_QUERY_INVALID']);
  },
);

test.each([2 ** 32, Number.MAX_SAFE_INTEGER])(
  'a number too large for any version, %d, is not taken for a small one',
  async (after) => {
    const server = await serverOverClickHouse();
    const { status, json } = await server.get(`/incidents/secret/timeline?after=${after}`);
    expect([status, json.transitions]).toEqual([200, []]);
  },
);

test('SQL in a filter of the list is refused, or taken as the name of a service that there is not', async () => {
  const server = await runServer();
  server.pipeline.put(incident());
  for (const attack of ATTACKS) {
    const text = encodeURIComponent(attack);
    expect((await server.get(`/incidents?service=${text}`)).json.incidents).toEqual([]);
    expect((await server.get(`/incidents?status=${text}`)).json.code).toBe('HTTP_QUERY_INVALID');
    expect((await server.get(`/incidents?severity=${text}`)).json.code).toBe('HTTP_QUERY_INVALID');
    expect((await server.get(`/incidents?cursor=${text}`)).json.code).toBe('HTTP_CURSOR_INVALID');
  }
});
