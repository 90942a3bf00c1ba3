import { DeserializationError } from '@incident-streams/streams';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { createAvroSerde } from '../../schemas/avro-serde.ts';
import type { AvroField, AvroRecord, AvroSchema } from '../../schemas/avro-schema.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';
import type { SchemaRegistry } from '../../schemas/schema-registry.ts';
import { writeWireHeader } from '../../schemas/wire-format.ts';
import { event, tick } from './samples.ts';

const OTHER_ID = 900;
const OWN_ID = 7;

/** A registry that knows one more schema than today's. */
function registryWith(other: AvroSchema, name: SchemaName): SchemaRegistry {
  const schemas = new Map([
    [OWN_ID, SCHEMAS[name]],
    [OTHER_ID, other],
  ]);
  return { schemaFor: (id) => schemas.get(id), idOf: () => OWN_ID };
}

function recordOf(schema: AvroSchema, value: unknown): Uint8Array {
  const body = avro.Type.forSchema(schema as avro.Schema).toBuffer(value);
  const bytes = Buffer.concat([Buffer.alloc(5), body]);
  writeWireHeader(bytes, 0, OTHER_ID);
  return bytes;
}

function changed(
  name: SchemaName,
  change: (fields: readonly AvroField[]) => readonly AvroField[],
): AvroSchema {
  const schema = SCHEMAS[name] as AvroRecord;
  return { ...schema, fields: change(schema.fields) };
}

describe('a record that another version of the schema wrote', () => {
  it('is read by this one: a field it does not have takes its default, one unknown here is left out', () => {
    const writer = changed('IncidentEvent', (fields) => [
      { name: 'extras', type: { type: 'array', items: 'string' } },
      ...fields.filter((field) => field.name !== 'attributes' && field.name !== 'fingerprint'),
    ]);
    const bytes = recordOf(writer, { ...event, extras: ['a', 'b'] });
    const serde = createAvroSerde('IncidentEvent', { registry: registryWith(writer, 'IncidentEvent') });
    expect(serde.deserialize(bytes)).toStrictEqual({ ...event, attributes: {}, fingerprint: null });
  });

  it('is read where it knows a symbol that is unknown here, as the default', () => {
    const writer = changed('IncidentEvent', (fields) =>
      fields.map((field) => {
        if (field.name !== 'severity') return field;
        const symbols = ['FATAL', 'INFO', 'MINOR', 'MAJOR', 'CRITICAL'];
        return { ...field, type: { type: 'enum', name: 'incident.v1.Severity', symbols } };
      }),
    );
    const serde = createAvroSerde('IncidentEvent', { registry: registryWith(writer, 'IncidentEvent') });
    expect(serde.deserialize(recordOf(writer, { ...event, severity: 'FATAL' })).severity).toBe('MAJOR');
    expect(serde.deserialize(recordOf(writer, { ...event, severity: 'INFO' })).severity).toBe('INFO');
  });

  it('is guarded by the schema that wrote it, also in a field that is left out', () => {
    const writer = changed('Tick', (fields) => [
      { name: 'extras', type: { type: 'array', items: 'null' } },
      ...fields,
    ]);
    const serde = createAvroSerde('Tick', { registry: registryWith(writer, 'Tick') });
    const bytes = Buffer.from([0, 0, 0, 0x03, 0x84, 0x80, 0x87, 0xa7, 0x0e, 0]);
    expect(() => serde.deserialize(bytes)).toThrow('Tick.extras claims 15,000,000 entries');
  });

  it('is refused where it cannot be resolved, saying which schema wrote it', () => {
    const writer = changed('Tick', (fields) => fields.filter((field) => field.name !== 'time'));
    const serde = createAvroSerde('Tick', { registry: registryWith(writer, 'Tick') });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => serde.deserialize(recordOf(writer, tick))).toThrow(DeserializationError);
      expect(() => serde.deserialize(recordOf(writer, tick))).toThrow(
        'A record of schema id 900 (incident.v1.Tick) cannot be read as Tick: no matching field',
      );
    }
  });

  it('is refused where another kind of record was written', () => {
    const serde = createAvroSerde('Tick', { registry: registryWith(SCHEMAS.IncidentEvent, 'Tick') });
    expect(() => serde.deserialize(recordOf(SCHEMAS.IncidentEvent, event))).toThrow(
      'A record of schema id 900 (incident.v1.IncidentEvent) cannot be read as Tick',
    );
  });
});

describe('a schema id that the registry does not know', () => {
  it('is refused, and read once the registry has come to know it', () => {
    const schemas = new Map<number, AvroSchema>();
    const registry: SchemaRegistry = { schemaFor: (id) => schemas.get(id), idOf: () => OWN_ID };
    const serde = createAvroSerde('Tick', { registry });
    const bytes = serde.serialize(tick);
    expect(() => serde.deserialize(bytes)).toThrow(DeserializationError);
    expect(() => serde.deserialize(bytes)).toThrow('Schema id 7 is unknown to the registry');
    schemas.set(OWN_ID, SCHEMAS.Tick);
    expect(serde.deserialize(bytes)).toStrictEqual(tick);
  });
});
