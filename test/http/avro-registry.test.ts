import avro from 'avsc';
import { expect, onTestFinished, test } from 'vitest';
import { createRegistryAvroReader } from '../../cli/run/api/registry-avro-reader.ts';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import { postJson } from '../schema-registry/registry-rest.ts';
import { uniqueSubjects } from '../schema-registry/subjects.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { runServer } from './running-server.ts';
import { eventJson } from './samples.ts';

const AVRO = { 'content-type': 'application/vnd.apache.avro' };

await describeWith(
  ['schemaRegistry'],
  'events in Avro, with a real schema registry',
  ({ schemaRegistry }) => {
    async function run() {
      const registry = await openConfluentRegistry({
        url: schemaRegistry,
        subjects: uniqueSubjects(),
      });
      onTestFinished(() => registry.close());
      return runServer({}, (ports) => {
        return { ...ports, events: { ...ports.events, readAvro: createRegistryAvroReader({ registry }) } };
      });
    }

    /** As an upstream team does it: under a subject of its own. */
    async function register(schema: object): Promise<number> {
      const url = `${schemaRegistry}/subjects/${uniqueName('upstream')}-value/versions`;
      return Number((await postJson(url, { schema: JSON.stringify(schema) }))['id']);
    }

    function framed(id: number, value: Uint8Array): Buffer {
      const header = Buffer.alloc(5);
      header.writeUInt32BE(id, 1);
      return Buffer.concat([header, value]);
    }

    test('an event of a schema that was registered after the start is read: what it has more is left out', async () => {
      const server = await run();
      const own = SCHEMAS.IncidentEvent as { readonly fields: readonly object[] };
      const theirs = {
        ...own,
        fields: [
          ...own.fields,
          { name: uniqueName('team').replaceAll('-', '_'), type: 'string', default: '' },
        ],
      };
      const id = await register(theirs);
      const type = avro.Type.forSchema(theirs as unknown as avro.Schema);
      const answer = await server.post('/events', framed(id, type.toBuffer(eventJson())), AVRO);
      expect(answer.status, answer.text).toBe(202);
      expect(server.pipeline.events).toEqual([eventJson()]);
    });

    test('a schema that is no event’s, and an id that nobody has, are refused', async () => {
      const server = await run();
      const id = await register({
        type: 'record',
        name: uniqueName('Other').replaceAll('-', '_'),
        fields: [{ name: 'a', type: 'string' }],
      });
      for (const bytes of [framed(id, Buffer.from([2, 97])), framed(2_000_000_000, Buffer.from([2, 97]))]) {
        const { status, json } = await server.post('/events', bytes, AVRO);
        expect([status, json.code]).toEqual([400, 'HTTP_AVRO_INVALID']);
      }
      expect(server.pipeline.events).toEqual([]);
    });
  },
);
