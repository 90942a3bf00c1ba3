import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { event, transition } from './samples.ts';

/**
 * What other programs use to read and write these records: the registry client of KafkaJS. It gets each schema by
 * its id from an answer of the shape that a registry gives; a whole registry is not what is tested here.
 */
const embedded = new EmbeddedRegistry();
let server: Server;
let client: SchemaRegistry;

beforeAll(async () => {
  server = createServer((request, response) => {
    const id = Number(/\/schemas\/ids\/(\d+)/.exec(request.url ?? '')?.[1]);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ schemaType: 'AVRO', schema: JSON.stringify(embedded.schemaFor(id)) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new SchemaRegistry({ host: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('the registry client of KafkaJS', () => {
  const serdes = createSerdes(embedded);

  it('writes the same bytes', async () => {
    const id = embedded.idOf('IncidentEvent');
    expect(await client.encode(id, event)).toEqual(Buffer.from(serdes.incidentEvent.serialize(event)));
    const transitionId = embedded.idOf('IncidentTransition');
    expect(await client.encode(transitionId, transition)).toEqual(
      Buffer.from(serdes.incidentTransition.serialize(transition)),
    );
  });

  it('reads what is written here, and its records are read here', async () => {
    const read: unknown = await client.decode(Buffer.from(serdes.incidentEvent.serialize(event)));
    expect(read).toEqual(event);
    const bytes = await client.encode(embedded.idOf('IncidentTransition'), transition);
    expect(serdes.incidentTransition.deserialize(bytes)).toStrictEqual(transition);
  });
});
