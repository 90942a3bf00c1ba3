import { expect, test } from 'vitest';
import { runServer } from './running-server.ts';
import type { JsonAnswer } from './running-server.ts';
import { incident, T0, transition } from './samples.ts';

test('GET /incidents lists the most severe first, then the youngest', async () => {
  const server = await runServer();
  server.pipeline.put(
    incident({ incidentId: 'old-major', firstProblemAt: T0 }),
    incident({ incidentId: 'minor', severity: 'MINOR', firstProblemAt: T0 + 9 }),
    incident({ incidentId: 'new-major', firstProblemAt: T0 + 1 }),
    incident({ incidentId: 'critical', severity: 'CRITICAL', firstProblemAt: T0 - 9 }),
  );
  const { status, json } = await server.get('/incidents');
  expect(status).toBe(200);
  expect(idsOf(json)).toEqual(['critical', 'new-major', 'old-major', 'minor']);
  expect(json.nextCursor).toBeNull();
});

test('GET /incidents filters by status, severity and service', async () => {
  const server = await runServer();
  server.pipeline.put(
    incident({ incidentId: 'a', status: 'OPEN', severity: 'MAJOR', service: 'shop' }),
    incident({ incidentId: 'b', status: 'ACKNOWLEDGED', severity: 'MINOR', service: 'shop' }),
    incident({ incidentId: 'c', status: 'RESOLVED', severity: 'MAJOR', service: 'mail' }),
  );
  expect(idsOf((await server.get('/incidents?status=OPEN,ACKNOWLEDGED')).json)).toEqual(['a', 'b']);
  expect(idsOf((await server.get('/incidents?severity=MAJOR')).json).sort()).toEqual(['a', 'c']);
  expect(idsOf((await server.get('/incidents?service=mail')).json)).toEqual(['c']);
  expect(idsOf((await server.get('/incidents?service=mail&status=OPEN')).json)).toEqual([]);
});

test('GET /incidents pages through all of them with the cursor', async () => {
  const server = await runServer();
  const ids = Array.from({ length: 7 }, (_, at) => `inc-${at}`);
  server.pipeline.put(...ids.map((incidentId) => incident({ incidentId })));
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { json } = await server.get(`/incidents?limit=3${cursor && `&cursor=${cursor}`}`);
    seen.push(...idsOf(json));
    cursor = json.nextCursor;
  }
  expect(seen).toEqual(ids);
});

test('GET /incidents filters by component, by the time of the first problem and by text in the summary', async () => {
  const server = await runServer();
  server.pipeline.put(
    incident({ incidentId: 'a', component: 'cart', firstProblemAt: T0, summary: 'Disk full (100%)' }),
    incident({ incidentId: 'b', component: 'mail', firstProblemAt: T0 + 1_000, summary: 'queue grows' }),
    incident({ incidentId: 'c', component: 'mail', firstProblemAt: T0 + 2_000, summary: "x' OR '1'='1" }),
  );
  const ids = async (query: string) => idsOf((await server.get(`/incidents?${query}`)).json).sort();
  expect(await ids('component=mail')).toEqual(['b', 'c']);
  expect(await ids(`since=${T0 + 1_000}`)).toEqual(['b', 'c']);
  expect(await ids('until=2026-01-01T01:00:01%2B01:00')).toEqual(['a']);
  expect(await ids(`since=${T0 + 1}&until=${T0 + 2_000}`)).toEqual(['b']);
  expect(await ids('text=dISK')).toEqual(['a']);
  // It is a text, no pattern and no query.
  expect(await ids('text=(100%25)')).toEqual(['a']);
  expect(await ids('text=.*')).toEqual([]);
  expect(await ids(`text=${encodeURIComponent("' OR '1'='1")}`)).toEqual(['c']);
});

test('GET /incidents puts the newest or the oldest first where asked', async () => {
  const server = await runServer();
  server.pipeline.put(
    incident({ incidentId: 'first', severity: 'CRITICAL', firstProblemAt: T0 }),
    incident({ incidentId: 'second', severity: 'INFO', firstProblemAt: T0 + 1 }),
    incident({ incidentId: 'third', severity: 'MAJOR', firstProblemAt: T0 + 2 }),
  );
  const newest = (await server.get('/incidents?order=newest&limit=2')).json;
  expect(idsOf(newest)).toEqual(['third', 'second']);
  // What happens between two pages neither shifts nor repeats what follows.
  server.pipeline.put(incident({ incidentId: 'fourth', firstProblemAt: T0 + 3 }));
  server.pipeline.states.delete('second');
  const rest = (await server.get(`/incidents?order=newest&cursor=${newest.nextCursor}`)).json;
  expect(idsOf(rest)).toEqual(['first']);
  expect(idsOf((await server.get('/incidents?order=oldest')).json)).toEqual(['first', 'third', 'fourth']);
  const elsewhere = await server.get(`/incidents?order=oldest&cursor=${newest.nextCursor}`);
  expect([elsewhere.status, elsewhere.json.code]).toEqual([400, 'HTTP_CURSOR_INVALID']);
});

test('GET /incidents says that closed ones are history', async () => {
  const { status, text } = await (await runServer()).get('/incidents?status=CLOSED');
  expect(status).toBe(400);
  expect(text).toMatch(/CLOSED are history/);
});

test('every query parameter that is wrong is named', async () => {
  const server = await runServer();
  const { status, json } = await server.get(
    '/incidents?status=BROKEN&severity=&limit=0&sort=asc&service=a&service=b&since=noon&order=worst&text=',
  );
  expect(status).toBe(400);
  expect(json.code).toBe('HTTP_QUERY_INVALID');
  const fields = json.errors.map(({ field }) => field);
  expect(fields.sort()).toEqual(['limit', 'order', 'service', 'severity', 'since', 'sort', 'status', 'text']);
});

test('a cursor from elsewhere is refused', async () => {
  const server = await runServer();
  const forged = Buffer.from('[1,"x",3]').toString('base64url');
  for (const cursor of ['nonsense', forged]) {
    const { status, json } = await server.get(`/incidents?cursor=${cursor}`);
    expect([status, json.code]).toEqual([400, 'HTTP_CURSOR_INVALID']);
  }
});

test('GET /incidents/:id answers the whole state, or 404', async () => {
  const server = await runServer();
  server.pipeline.put(incident());
  expect((await server.get('/incidents/inc-1')).json).toEqual(incident());
  const { status, json } = await server.get('/incidents/none');
  expect([status, json.code]).toEqual([404, 'HTTP_INCIDENT_UNKNOWN']);
});

test('a script in a summary is data: JSON that no browser may take for a page', async () => {
  const server = await runServer();
  const summary = '<script>alert(1)</script>';
  server.pipeline.put(incident({ summary }));
  const { json, headers } = await server.get('/incidents/inc-1');
  expect(json.summary).toBe(summary);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('GET /incidents/:id/timeline answers transitions after a version', async () => {
  const server = await runServer();
  server.pipeline.transitions.set(
    'inc-1',
    [1, 2, 3, 4].map((version) => transition({ version })),
  );
  const whole = await server.get('/incidents/inc-1/timeline');
  expect(versionsOf(whole.json)).toEqual([1, 2, 3, 4]);
  expect(versionsOf((await server.get('/incidents/inc-1/timeline?after=1&limit=2')).json)).toEqual([2, 3]);
  expect((await server.get('/incidents/none/timeline')).status).toBe(404);
});

test('without a history the timeline says so', async () => {
  const server = await runServer({}, (ports) => ({
    ...ports,
    incidents: {
      incident: () => undefined,
      list: () => ({ incidents: [] }),
      services: () => ({ services: [] }),
      rule: () => undefined,
    },
  }));
  const { status, json } = await server.get('/incidents/inc-1/timeline');
  expect([status, json.code]).toEqual([501, 'HTTP_TIMELINE_OFF']);
});

function idsOf(page: JsonAnswer): string[] {
  return page.incidents.map(({ incidentId }) => incidentId);
}

function versionsOf(timeline: JsonAnswer): number[] {
  return timeline.transitions.map(({ version }) => version);
}
