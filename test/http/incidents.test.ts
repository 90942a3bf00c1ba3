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

test('every query parameter that is wrong is named', async () => {
  const server = await runServer();
  const { status, json } = await server.get(
    '/incidents?status=BROKEN&severity=&limit=0&sort=asc&service=a&service=b',
  );
  expect(status).toBe(400);
  expect(json.code).toBe('HTTP_QUERY_INVALID');
  const fields = json.errors.map(({ field }) => field);
  expect(fields.sort()).toEqual(['limit', 'service', 'severity', 'sort', 'status']);
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
    incidents: { incident: () => undefined, list: () => ({ incidents: [] }) },
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
