import { expect, test } from 'vitest';
import { runServer } from './running-server.ts';
import type { Answer, RunningServer } from './running-server.ts';
import { T0, eventJson } from './samples.ts';

const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const BATCHED = { 'content-type': 'application/cloudevents-batch+json' };

const DATA = { service: 'shop', component: 'cart', summary: 'checkout answers 500', severity: 'MAJOR' };

function cloudEvent(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    specversion: '1.0',
    id: 'e-1',
    source: 'probe',
    type: 'com.example.probe.failed',
    time: '2026-01-01T00:00:00Z',
    data: { ...DATA, attributes: { region: 'eu' } },
    ...overrides,
  };
}

function postBinary(server: RunningServer, headers: Record<string, string>, body: unknown): Promise<Answer> {
  return server.post('/events', body, {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': 'e-1',
    'ce-source': 'probe',
    'ce-type': 'com.example.probe.failed',
    'ce-time': '2026-01-01T00:00:00Z',
    ...headers,
  });
}

function fieldsOf({ json }: Answer): string[] {
  return json.errors.map(({ field }) => field).sort();
}

test('the same event is read from JSON, from a structured, a batched and a binary CloudEvent', async () => {
  const server = await runServer();
  await server.post('/events', eventJson());
  expect((await server.post('/events', cloudEvent(), STRUCTURED)).status).toBe(202);
  expect((await server.post('/events', [cloudEvent()], BATCHED)).status).toBe(202);
  const binary = await postBinary(server, {}, { ...DATA, attributes: { region: 'eu' } });
  expect(binary.json).toMatchObject({ accepted: 1, results: [{ source: 'probe', id: 'e-1', offset: 3 }] });
  expect(server.pipeline.events).toEqual(Array.from({ length: 4 }, () => eventJson()));
});

test('extensions, subject and dataschema are kept as attributes; null counts as left out', async () => {
  const server = await runServer();
  const sent = cloudEvent({
    subject: 'orders',
    dataschema: 'https://example.com/event.json',
    datacontenttype: 'application/json',
    region: 'eu',
    sampled: true,
    attempt: 3,
    traceparent: null,
  });
  expect((await server.post('/events', sent, STRUCTURED)).status).toBe(202);
  expect(server.pipeline.events[0]?.attributes).toEqual({
    region: 'eu',
    subject: 'orders',
    dataschema: 'https://example.com/event.json',
    sampled: 'true',
    attempt: '3',
  });
});

test('a subject of the form service/component names these two where the data does not', async () => {
  const server = await runServer();
  const subject = 'billing/invoices';
  await server.post('/events', cloudEvent({ subject, data: { summary: 'late' } }), STRUCTURED);
  await server.post('/events', cloudEvent({ subject }), STRUCTURED);
  expect(server.pipeline.events).toMatchObject([
    { service: 'billing', component: 'invoices', attributes: { subject } },
    { service: 'shop', component: 'cart', attributes: { subject } },
  ]);
});

test('header values are percent-decoded, and quotes around them removed', async () => {
  const server = await runServer();
  const headers = {
    'ce-id': 'Euro%20%E2%82%AC%20%F0%9F%98%80',
    'ce-source': '"a \\"b\\""',
    'ce-team': '100%25',
  };
  expect((await postBinary(server, headers, DATA)).status).toBe(202);
  expect(server.pipeline.events).toMatchObject([
    { id: 'Euro € 😀', source: 'a "b"', time: T0, attributes: { team: '100%' } },
  ]);
});

test.each([
  ['no specversion', { specversion: undefined }, ['specversion']],
  ['another specversion', { specversion: '0.3' }, ['specversion']],
  ['no type', { type: undefined }, ['type']],
  ['no time', { time: undefined }, ['time']],
  ['a time beyond every calendar', { time: '+999999-01-01T00:00:00Z' }, ['time']],
  ['no data', { data: undefined }, ['data.component', 'data.service', 'data.summary']],
  ['data that is no object', { data: 'boom' }, ['data']],
  ['data in base64', { data_base64: 'e30=' }, ['data_base64']],
  ['data of another type', { datacontenttype: 'text/xml' }, ['datacontenttype']],
  ['its id a second time', { data: { ...DATA, id: 'other' } }, ['data.id']],
  ['an unknown field in its data', { data: { ...DATA, servise: 'x' } }, ['data.servise']],
  ['an extension that is an object', { team: { name: 'x' } }, ['team']],
  ['an extension whose name is none', { team_name: 'x' }, ['team_name']],
  ['an extension that is too long', { team: 'x'.repeat(5_000) }, ['team']],
  ['an extension that reaches a prototype', { constructor: 'x' }, ['constructor']],
  ['one attribute said twice', { region: 'us', data: { ...DATA, attributes: { region: 'eu' } } }, ['region']],
])('a CloudEvent with %s is refused by name', async (_name, overrides, fields) => {
  const server = await runServer();
  const answer = await server.post('/events', cloudEvent(overrides), STRUCTURED);
  expect([answer.status, answer.json.code, fieldsOf(answer)]).toEqual([400, 'HTTP_EVENT_INVALID', fields]);
  expect(server.pipeline.events).toEqual([]);
});

test.each([
  ['a broken percent code', { 'ce-id': '%E2%82' }, ['ce-id', 'id']],
  ['raw bytes', { 'ce-team': 'caf\u00e9' }, ['ce-team']],
  ['a name that reaches a prototype', { 'ce-__proto__': 'x' }, ['__proto__']],
  ['no specversion', { 'ce-specversion': '' }, ['specversion']],
])('a binary CloudEvent with %s in its headers is refused by name', async (_name, headers, fields) => {
  const server = await runServer();
  const answer = await postBinary(server, headers, DATA);
  expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
  expect(server.pipeline.events).toEqual([]);
});

test('a batch of CloudEvents is taken whole or not at all, and leniently where that is asked for', async () => {
  const server = await runServer();
  const batch = [cloudEvent(), cloudEvent({ id: 'e-2', type: undefined }), 'nothing'];
  const whole = await server.post('/events', batch, BATCHED);
  expect([whole.status, whole.json.errors.map(({ index }) => index)]).toEqual([400, [1, 2]]);
  expect(server.pipeline.events).toEqual([]);
  const lenient = await server.post('/events', batch, { ...BATCHED, prefer: 'handling=lenient' });
  expect(lenient.json).toMatchObject({ accepted: 1, refused: 2 });
  expect(server.pipeline.events).toEqual([eventJson()]);
});

test.each([
  ['a batch that is one event', cloudEvent(), BATCHED, 400],
  ['Avro of CloudEvents', 'x', { 'content-type': 'application/cloudevents+avro' }, 415],
  [
    'CloudEvents in another charset',
    '{}',
    { 'content-type': 'application/cloudevents+json; charset=utf-16' },
    415,
  ],
  ['__proto__', '{"__proto__":{}}', STRUCTURED, 400],
  ['deep JSON', '['.repeat(1_000), BATCHED, 400],
])('%s is refused', async (_name, body, headers, expected) => {
  const server = await runServer();
  expect((await server.post('/events', body, headers)).status).toBe(expected);
  expect(server.pipeline.events).toEqual([]);
});

test('only /events reads CloudEvents and Avro', async () => {
  const server = await runServer();
  for (const type of ['application/cloudevents+json', 'application/vnd.apache.avro', 'avro/binary']) {
    const answer = await server.post('/incidents/inc-1/resolve', { actor: 'ana' }, { 'content-type': type });
    expect([type, answer.status]).toEqual([type, 415]);
  }
});
