import { expect, test } from 'vitest';
import type { Explanation } from '../../connectors/http/explanation.ts';
import { runServer } from './running-server.ts';
import type { RunningServer } from './running-server.ts';
import { incident, T0, transition } from './samples.ts';

const RULE = { id: 'default', version: 1, windowMs: 60_000 };
const CAUSE = {
  topic: 'incident.inbox',
  partition: 2,
  offset: 41,
  eventSource: 'probe',
  eventId: 'e-5',
};

async function explanationOf(server: RunningServer, id = 'inc-1'): Promise<Explanation> {
  const { status, text } = await server.get(`/incidents/${id}/explanation`);
  expect(status, text).toBe(200);
  return JSON.parse(text) as Explanation;
}

async function serverWithHistory(): Promise<RunningServer> {
  const server = await runServer();
  const state = incident({ version: 3, status: 'ACKNOWLEDGED' });
  server.pipeline.rules.set('default', RULE);
  server.pipeline.put(state);
  server.pipeline.transitions.set('inc-1', [
    transition({ version: 1, type: 'DETECTED', from: null, to: 'PENDING' }),
    transition({ version: 2, cause: CAUSE }),
    transition({
      version: 3,
      type: 'ACKNOWLEDGED',
      from: 'OPEN',
      to: 'ACKNOWLEDGED',
      actor: 'mia',
      comment: 'on it',
      reason: 'acknowledged by mia',
    }),
  ]);
  return server;
}

test('an incident is explained by its rule, the event that opened it, and every change since', async () => {
  const explanation = await explanationOf(await serverWithHistory());
  expect(explanation).toMatchObject({
    incidentId: 'inc-1',
    state: { status: 'ACKNOWLEDGED' },
    rule: { id: 'default', version: 1, parameters: RULE },
    opening: { type: 'OPENED', reason: '3 problems in a minute', cause: CAUSE },
    counts: { problems: 3, reopenings: 0, changes: 3 },
    missing: [],
  });
  expect(explanation.changes.map(({ version, type }) => `${version} ${type}`)).toEqual([
    '1 DETECTED',
    '2 OPENED',
    '3 ACKNOWLEDGED',
  ]);
  expect(explanation.sentences).toContain(
    '2. 2026-01-01T00:00:00.000Z: OPENED (PENDING to OPEN) by system: 3 problems in a minute. Brought about by e-5 of probe, the record at offset 41 of incident.inbox, partition 2.',
  );
  expect(explanation.sentences.at(-1)).toContain('by mia: acknowledged by mia. mia said: on it.');
});

test('parameters of another version of the rule are not passed off as those that decided', async () => {
  const server = await serverWithHistory();
  server.pipeline.rules.set('default', { ...RULE, version: 2 });
  expect(await explanationOf(server)).toMatchObject({
    rule: { version: 1, parameters: null },
    missing: ['The parameters of rule default, version 1: version 2 is loaded now.'],
  });
  server.pipeline.rules.clear();
  expect((await explanationOf(server)).missing).toEqual([
    'The parameters of rule default: no rule of that id is loaded any more.',
  ]);
});

test('a history that lags behind the state, or begins after it, is said to', async () => {
  const server = await serverWithHistory();
  server.pipeline.put(incident({ version: 5 }));
  expect((await explanationOf(server)).missing).toEqual([
    'The changes after version 3: see the timeline, a moment later.',
  ]);
  server.pipeline.transitions.set('inc-1', [transition({ version: 5 })]);
  expect((await explanationOf(server)).missing).toEqual([
    'The changes before version 5: the history does not have them.',
  ]);
  server.pipeline.transitions.set('inc-1', []);
  expect((await explanationOf(server)).changes).toEqual([]);
  expect((await explanationOf(server)).missing).toHaveLength(1);
});

test('a closed incident, which the state no longer has, is explained from the history', async () => {
  const server = await serverWithHistory();
  server.pipeline.states.clear();
  const closed = incident({ version: 4, status: 'CLOSED', closedAt: T0 });
  const known = server.pipeline.transitions.get('inc-1') ?? [];
  server.pipeline.transitions.set('inc-1', [...known, transition({ type: 'CLOSED', state: closed })]);
  expect(await explanationOf(server)).toMatchObject({ state: { status: 'CLOSED' }, missing: [] });
  expect((await server.get('/incidents/none/explanation')).json.code).toBe('HTTP_INCIDENT_UNKNOWN');
});

test.each([
  ['there is none', undefined, 'this server keeps current state only'],
  ['it does not answer', () => Promise.reject(new Error('down')), 'the history does not answer right now'],
])('without a history (%s) the state alone explains, and says what is missing', async (_, timeline, why) => {
  const server = await runServer({}, (ports) => {
    const incidents = { ...ports.incidents };
    delete incidents.timeline;
    if (timeline !== undefined) incidents.timeline = timeline;
    return { ...ports, incidents };
  });
  server.pipeline.put(incident());
  server.pipeline.rules.set('default', RULE);
  expect(await explanationOf(server)).toMatchObject({
    opening: null,
    changes: [],
    counts: { problems: 3 },
    missing: [`The changes and their causes: ${why}.`],
  });
});
