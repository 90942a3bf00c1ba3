import { expect, test } from 'vitest';
import { runServer } from './running-server.ts';
import type { JsonAnswer } from './running-server.ts';
import { eventJson } from './samples.ts';

test('POST /events takes one event in and says where it is', async () => {
  const server = await runServer();
  const { status, json } = await server.post('/events', eventJson());
  expect(status).toBe(202);
  expect(json).toEqual({
    accepted: 1,
    results: [{ source: 'probe', id: 'e-1', topic: 'incident.events', partition: 0, offset: 0 }],
  });
  expect(server.pipeline.events).toEqual([eventJson()]);
});

test('POST /events takes a batch in, one result for each event in its order', async () => {
  const server = await runServer();
  const batch = ['a', 'b', 'c'].map((id) => eventJson({ id }));
  const { status, json } = await server.post('/events', batch);
  expect(status).toBe(202);
  expect(json.results.map(({ id, offset }) => [id, offset])).toEqual([
    ['a', 0],
    ['b', 1],
    ['c', 2],
  ]);
});

test('every field that is missing or wrong is named', async () => {
  const server = await runServer();
  const { status, json, headers } = await server.post(
    '/events',
    eventJson({ severity: 'HUGE', kind: 7, service: undefined }),
  );
  expect([status, json.code, json.status]).toEqual([400, 'HTTP_EVENT_INVALID', 400]);
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(fieldsOf(json)).toEqual(['kind', 'service', 'severity']);
  expect(server.pipeline.events).toEqual([]);
});

test('a batch with a bad event is refused whole, and every bad event is named by its index', async () => {
  const server = await runServer();
  const batch = [eventJson(), eventJson({ component: '' }), eventJson({ id: 'x' }), 'not an event'];
  const { status, json } = await server.post('/events', batch);
  expect([status, json.code]).toEqual([400, 'HTTP_EVENT_INVALID']);
  const { errors } = json;
  expect(new Set(errors.map(({ index }) => index))).toEqual(new Set([1, 3]));
  expect(errors.find(({ index }) => index === 1)?.field).toBe('component');
  expect(json.detail).toContain('2 of 4');
  expect(server.pipeline.events).toEqual([]);
});

test('an empty batch and one that is too large are refused', async () => {
  const server = await runServer({ maxBatchEvents: 2 });
  for (const batch of [[], [eventJson(), eventJson(), eventJson()]]) {
    const { status, json } = await server.post('/events', batch);
    expect([status, json.code]).toEqual([400, 'HTTP_BATCH_SIZE']);
  }
  expect(server.pipeline.events).toEqual([]);
});

test('events that could not be stored are never acknowledged', async () => {
  const server = await runServer();
  server.pipeline.broken = new Error('disk /secret/path is full');
  for (const body of [eventJson(), [eventJson(), eventJson()]]) {
    const { status, json, text, headers } = await server.post('/events', body);
    expect([status, json.code]).toEqual([503, 'HTTP_INGEST_UNAVAILABLE']);
    expect(headers.get('retry-after')).toBe('1');
    expect(text).not.toContain('secret');
  }
  expect(server.logged.join()).toContain('secret');
});

const LENIENT = { 'content-type': 'application/json', prefer: 'respond-async, handling=lenient' };

test('with Prefer: handling=lenient the valid events of a batch are taken, one result for each item', async () => {
  const server = await runServer();
  const batch = [eventJson(), eventJson({ component: '' }), eventJson({ id: 'x' }), 'not an event'];
  const { status, json, headers } = await server.post('/events', batch, LENIENT);
  expect([status, headers.get('preference-applied')]).toEqual([207, 'handling=lenient']);
  expect(json).toMatchObject({
    accepted: 2,
    refused: 2,
    results: [
      {
        index: 0,
        status: 202,
        source: 'probe',
        id: 'e-1',
        topic: 'incident.events',
        partition: 0,
        offset: 0,
      },
      { index: 1, status: 400, problem: { code: 'HTTP_EVENT_INVALID', errors: [{ field: 'component' }] } },
      { index: 2, status: 202, id: 'x', offset: 1 },
      { index: 3, status: 400, problem: { code: 'HTTP_EVENT_INVALID', errors: [{ field: 'body' }] } },
    ],
  });
  expect(server.pipeline.events.map(({ id }) => id)).toEqual(['e-1', 'x']);
});

test('leniency neither hides that nothing could be stored, nor lifts the size of a batch', async () => {
  const server = await runServer({ maxBatchEvents: 2 });
  const three = [eventJson(), eventJson(), eventJson()];
  expect((await server.post('/events', three, LENIENT)).json.code).toBe('HTTP_BATCH_SIZE');
  server.pipeline.broken = new Error('disk is full');
  expect((await server.post('/events', [eventJson(), {}], LENIENT)).status).toBe(503);
  expect((await server.post('/events', [{}], LENIENT)).json).toMatchObject({ accepted: 0, refused: 1 });
});

test.each(['handling=strict', 'handling=strict, handling=lenient', 'lenient', 'x="handling=lenient"'])(
  'Prefer: %s asks for no leniency',
  async (prefer) => {
    const server = await runServer();
    const headers = { 'content-type': 'application/json', prefer };
    const answer = await server.post('/events', [eventJson(), {}], headers);
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([400, null]);
    expect(server.pipeline.events).toEqual([]);
  },
);

function fieldsOf(problem: JsonAnswer): string[] {
  return problem.errors.map(({ field }) => field).sort();
}
