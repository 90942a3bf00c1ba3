import avro from 'avsc';
import { expect, test } from 'vitest';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { runServer } from './running-server.ts';
import type { Answer, RunningServer } from './running-server.ts';
import { eventJson } from './samples.ts';

const registry = new EmbeddedRegistry();
const serdes = createSerdes(registry);
const event = eventJson() as unknown as IncidentEvent;

/** As a client without this project's code writes it. */
const bare = avro.Type.forSchema(SCHEMAS.IncidentEvent as avro.Schema).toBuffer(event);

function framed(id: number, value: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  return Buffer.concat([header, value]);
}

function post(
  server: RunningServer,
  body: Uint8Array,
  type = 'application/vnd.apache.avro',
): Promise<Answer> {
  return server.post('/events', body, { 'content-type': type });
}

test.each(['application/vnd.apache.avro', 'avro/binary'])(
  'an event in Avro is read as %s, in the Confluent wire format and bare',
  async (type) => {
    const server = await runServer();
    const wire = framed(registry.idOf('IncidentEvent'), bare);
    expect((await post(server, wire, type)).json).toMatchObject({ accepted: 1, results: [{ id: 'e-1' }] });
    expect((await post(server, bare, type)).status).toBe(202);
    expect(server.pipeline.events).toEqual([eventJson(), eventJson()]);
  },
);

test.each([
  ['nothing', Buffer.alloc(0)],
  ['an event that is cut short', bare.subarray(0, 20)],
  ['bytes behind the event', Buffer.concat([bare, bare])],
  ['JSON', Buffer.from(JSON.stringify(eventJson()))],
  ['a schema id that is unknown', framed(4_000_000_000, bare)],
  ['a header alone', framed(1, Buffer.alloc(0))],
  ['a tick', serdes.tick.serialize({ id: 't', time: 0, reason: 'due' })],
  ['an array', Buffer.from([0x00, 0x00])],
])('%s in place of an event in Avro is refused with 400', async (_name, body) => {
  const server = await runServer();
  const { status, json } = await post(server, body);
  expect([status, json.code]).toEqual([400, 'HTTP_AVRO_INVALID']);
  expect(server.pipeline.events).toEqual([]);
});

test('what Avro allows and the pipeline does not is refused by name, as in JSON', async () => {
  const server = await runServer();
  const odd = serdes.incidentEvent.serialize({
    ...event,
    id: '',
    service: 'a/b',
    time: -1,
    summary: 'x'.repeat(5_000),
  });
  const { status, json } = await post(server, odd);
  expect([status, json.code]).toEqual([400, 'HTTP_EVENT_INVALID']);
  expect(json.errors.map(({ field }) => field).sort()).toEqual(['id', 'service', 'summary', 'time']);
});

test('a registry that cannot be asked is the server’s trouble: 503, not 400', async () => {
  const server = await runServer({}, (ports) => ({
    ...ports,
    events: {
      ...ports.events,
      readAvro: () => Promise.reject(new Error('no answer from registry.internal')),
    },
  }));
  const { status, json, text, headers } = await post(server, bare);
  expect([status, json.code, headers.get('retry-after')]).toEqual([503, 'HTTP_INGEST_UNAVAILABLE', '1']);
  expect(text).not.toContain('internal');
});
