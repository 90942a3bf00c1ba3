import { DeserializationError } from '@incident-streams/streams';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import type { AvroRecord, AvroSchema } from '../../schemas/avro-schema.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import { normalSchema } from '../../schemas/normal-schema.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { whyUnreadable } from '../../schemas/resolve.ts';
import { writeWireHeader } from '../../schemas/wire-format.ts';
import { tick } from './samples.ts';

const TICK = SCHEMAS.Tick as AvroRecord;
const FOREIGN_ID = 900;

function serdesWith(foreign: AvroSchema): ReturnType<typeof createSerdes> {
  return createSerdes({ schemaFor: () => foreign, idOf: () => 1 });
}

function recordOf(body: Uint8Array): Uint8Array {
  const bytes = Buffer.concat([Buffer.alloc(5), body]);
  writeWireHeader(bytes, 0, FOREIGN_ID);
  return bytes;
}

function tickWith(type: unknown): object {
  return { ...TICK, fields: [...TICK.fields, { name: 'more', type }] };
}

describe('a schema that somebody else registered', () => {
  const STRANGE: Record<string, unknown> = {
    'no name': { type: 'record', fields: TICK.fields },
    'an error in place of a record': { ...TICK, type: 'error' },
    'an error within': tickWith({ type: 'error', name: 'Oops', fields: [] }),
    'a record within itself': tickWith('Tick'),
    'a field that reaches the prototype': {
      ...TICK,
      fields: [...TICK.fields, { name: '__proto__', type: 'int' }],
    },
    'a union at the top': [TICK, 'null'],
    'a string at the top': 'string',
  };
  const BODIES = [[], [2, 97, 2, 2, 98], Array<number>(60).fill(0), Array<number>(60).fill(0x7f)];

  it.each(Object.entries(STRANGE))(
    '%s: a record can be dead-lettered, whatever it holds',
    (_what, schema) => {
      const { tick: ticks, incidentEvent, inboxEntry } = serdesWith(normalSchema(JSON.stringify(schema)));
      for (const body of BODIES) {
        const bytes = recordOf(Uint8Array.from(body));
        for (const serde of [ticks, incidentEvent, inboxEntry]) {
          expect((): unknown => serde.deserialize(bytes)).toThrow(DeserializationError);
        }
      }
    },
  );

  it('is refused where it is none, not run', () => {
    const injected = tickWith('int') as AvroRecord;
    const code = { ...injected, fields: [{ name: 'a);globalThis.injected=true;(', type: 'int' }] };
    expect(() => normalSchema(JSON.stringify(code))).toThrow('invalid field name');
    expect('injected' in globalThis).toBe(false);
    for (const text of [
      '',
      '{}',
      'null',
      '5',
      '[]',
      '"Missing"',
      '{"type":"fixed","name":"F","size":1e12}',
    ]) {
      expect(() => normalSchema(text)).toThrow(Error);
    }
  });

  it('is read where its defaults are wrong: what was written does not need them', () => {
    const fields = [...TICK.fields, { name: 'more', type: ['null', 'string'], default: 'not null' }];
    const schema = { ...TICK, fields };
    expect(() => avro.Type.forSchema(schema as avro.Schema)).toThrow('incompatible field default');
    const writer = normalSchema(JSON.stringify(schema));
    const body = avro.Type.forSchema(writer as avro.Schema).toBuffer({ ...tick, more: 'x' });
    expect(serdesWith(writer).tick.deserialize(recordOf(body))).toEqual(tick);
  });

  it('keeps what resolving needs: defaults, aliases, names', () => {
    for (const schema of Object.values(SCHEMAS)) {
      const normal = normalSchema(JSON.stringify(schema));
      expect(whyUnreadable(normal, schema)).toBeUndefined();
      expect(whyUnreadable(schema, normal)).toBeUndefined();
    }
    const enumeration = { type: 'enum', name: 'a.E', aliases: ['b.F'], symbols: ['X'], default: 'X' };
    const schema = { type: 'record', name: 'a.R', fields: [{ name: 'e', type: enumeration, default: 'X' }] };
    expect(normalSchema(JSON.stringify(schema))).toEqual(schema);
  });
});

describe('whether records of one schema can be read as another', () => {
  it('is said with the field that is in the way', () => {
    const fewer = { ...TICK, fields: TICK.fields.slice(1) };
    expect(whyUnreadable(TICK, fewer)).toBeUndefined();
    expect(whyUnreadable(fewer, TICK)).toContain('incident.v1.Tick.id');
    expect(whyUnreadable(TICK, SCHEMAS.IncidentEvent)).toBeDefined();
  });
});
