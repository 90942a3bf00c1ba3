import { expect, test } from 'vitest';
import { runServer } from './running-server.ts';
import type { RunningServer } from './running-server.ts';
import { incident, T0 } from './samples.ts';

async function serverWithIncident(): Promise<RunningServer> {
  const server = await runServer({ now: () => T0, newId: () => 'cmd-1' });
  server.pipeline.put(incident());
  return server;
}

test.each([
  ['acknowledge', 'ACKNOWLEDGE'],
  ['resolve', 'RESOLVE'],
  ['comment', 'COMMENT'],
])('POST /incidents/:id/%s writes the command and says where to look', async (path, action) => {
  const server = await serverWithIncident();
  const { status, json, headers } = await server.post(`/incidents/inc-1/${path}`, {
    actor: 'ana',
    comment: 'on it',
  });
  expect(status).toBe(202);
  expect(headers.get('location')).toBe('/incidents/inc-1');
  expect(json).toEqual({
    commandId: 'cmd-1',
    action,
    topic: 'incident.inbox',
    partition: 0,
    offset: 0,
    incident: '/incidents/inc-1',
    timeline: '/incidents/inc-1/timeline',
  });
  expect(server.pipeline.commands).toEqual([
    {
      id: 'cmd-1',
      time: T0,
      incidentId: 'inc-1',
      correlationKey: 'shop/cart',
      action,
      actor: 'ana',
      comment: 'on it',
    },
  ]);
});

test('acknowledging needs no comment', async () => {
  const server = await serverWithIncident();
  expect((await server.post('/incidents/inc-1/acknowledge', { actor: 'ana' })).status).toBe(202);
  expect(server.pipeline.commands).toMatchObject([{ comment: null }]);
});

test.each([
  ['acknowledge', {}, ['actor']],
  ['acknowledge', { actor: ' ', comment: 5, force: true }, ['actor', 'comment', 'force']],
  ['acknowledge', { actor: 'System' }, ['actor']],
  ['comment', { actor: 'ana' }, ['comment']],
  ['comment', { actor: 'x'.repeat(201), comment: 'y'.repeat(4_001) }, ['actor', 'comment']],
  ['resolve', [], ['body']],
  ['resolve', 'null', ['body']],
])('POST …/%s with %j is refused and names %j', async (path, body, fields) => {
  const server = await serverWithIncident();
  const { status, json } = await server.post(`/incidents/inc-1/${path}`, body);
  expect([status, json.code]).toEqual([400, 'HTTP_BODY_INVALID']);
  expect(json.errors.map(({ field }) => field).sort()).toEqual(fields);
  expect(server.pipeline.commands).toEqual([]);
});

test('a command for an incident that is not there is refused', async () => {
  const server = await serverWithIncident();
  const { status, json } = await server.post('/incidents/none/resolve', { actor: 'ana' });
  expect([status, json.code]).toEqual([404, 'HTTP_INCIDENT_UNKNOWN']);
});
