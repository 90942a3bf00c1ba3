import { SchemaRegistry as KafkaJsRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { beforeAll, describe, expect, test } from 'vitest';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import type { ConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import type { AvroEnum, AvroField, AvroRecord, AvroSchema } from '../../schemas/avro-schema.ts';
import { avroType } from '../../schemas/avro-type.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { RecordDecoder } from '../../schemas/record-decoder.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { event, transition } from '../schemas/samples.ts';
import { describeWith } from '../services/describe-with.ts';
import { logRecord } from './log-record.ts';
import { postJson } from './registry-rest.ts';
import { uniqueSubjects } from './subjects.ts';

/**
 * Old is this version. New is a later one of the same schema, which the client of KafkaJS registers and writes, and
 * which a decoder here reads as the later version of this program will.
 */
const OLD = SCHEMAS.IncidentEvent as AvroRecord;

function withFields(change: (fields: readonly AvroField[]) => readonly AvroField[]): AvroRecord {
  return { ...OLD, fields: change(OLD.fields) };
}

function changeField(name: string, change: (field: AvroField) => AvroField): AvroRecord {
  return withFields((fields) => fields.map((field) => (field.name === name ? change(field) : field)));
}

function grown(type: AvroSchema, ...symbols: string[]): AvroEnum {
  const old = type as AvroEnum;
  return { ...old, symbols: [...old.symbols, ...symbols] };
}

interface Change {
  readonly schema: AvroRecord;
  /** A value as the new version has it, and as the old one reads it. */
  readonly written: object;
  readonly readByOld: object;
  /** A value of the old version as the new one reads it. */
  readonly readByNew: object;
}

/** The sample without one of its fields. */
function eventWithout(name: keyof typeof event): object {
  return Object.fromEntries(Object.entries(event).filter(([key]) => key !== name));
}

const CHANGES: Record<string, Change> = {
  'a field added with a default': {
    schema: withFields((fields) => [{ name: 'region', type: 'string', default: 'nowhere' }, ...fields]),
    written: { ...event, region: 'eu-west-1' },
    readByOld: event,
    readByNew: { ...event, region: 'nowhere' },
  },
  'a field with a default removed': {
    schema: withFields((fields) => fields.filter(({ name }) => name !== 'fingerprint')),
    written: eventWithout('fingerprint'),
    readByOld: { ...event, fingerprint: null },
    readByNew: eventWithout('fingerprint'),
  },
  'a field with a default renamed by an alias': {
    schema: changeField('value', (field) => ({ ...field, name: 'measured', aliases: ['value'] })),
    written: { ...eventWithout('value'), measured: 7 },
    // An old reader does not know the new name: it takes its own default.
    readByOld: { ...event, value: null },
    readByNew: { ...eventWithout('value'), measured: event.value },
  },
  'an enum grown that has a default': {
    schema: changeField('severity', (field) => ({ ...field, type: grown(field.type, 'FATAL') })),
    written: { ...event, severity: 'FATAL' },
    readByOld: { ...event, severity: 'MAJOR' },
    readByNew: event,
  },
  'an enum grown at its front, so that its symbols have other numbers': {
    schema: changeField('kind', (field) => ({
      ...field,
      type: { ...(field.type as AvroEnum), symbols: ['NOTICE', 'PROBLEM', 'SAMPLE', 'RECOVERY'] },
    })),
    written: { ...event, kind: 'NOTICE' },
    readByOld: { ...event, kind: 'SAMPLE' },
    readByNew: event,
  },
  'a symbol removed from an enum that has a default': {
    schema: changeField('kind', (field) => ({
      ...field,
      type: { ...(field.type as AvroEnum), symbols: ['SAMPLE', 'RECOVERY'] },
    })),
    written: { ...event, kind: 'RECOVERY' },
    readByOld: { ...event, kind: 'RECOVERY' },
    readByNew: { ...event, kind: 'SAMPLE' },
  },
  'fields in another order': {
    schema: withFields((fields) => fields.toReversed()),
    written: event,
    readByOld: event,
    readByNew: event,
  },
  'another description and other annotations': {
    schema: changeField('id', (field) => ({
      ...field,
      type: { type: 'string', 'avro.java.string': 'String' },
    })),
    written: event,
    readByOld: event,
    readByNew: event,
  },
};

await describeWith(['schemaRegistry'], 'a schema that has changed', ({ schemaRegistry: url }) => {
  let subjects: Readonly<Record<SchemaName, string>>;
  let old: ConfluentRegistry;
  let writer: KafkaJsRegistry;

  beforeAll(async () => {
    subjects = uniqueSubjects();
    old = await openConfluentRegistry({ url, subjects });
    writer = new KafkaJsRegistry({ host: url });
  });

  async function register(schema: AvroSchema, subject: string): Promise<number> {
    return (await postJson(`${url}/subjects/${subject}/versions`, { schema: JSON.stringify(schema) }))[
      'id'
    ] as number;
  }

  describe.each(Object.entries(CHANGES))('%s', (_name, { schema, written, readByOld, readByNew }) => {
    let newId: number;
    beforeAll(async () => {
      // Each change is one to the first version, in a subject that is held to FULL_TRANSITIVE as it is.
      const fresh = uniqueSubjects();
      await openConfluentRegistry({ url, subjects: fresh });
      newId = await register(schema, fresh.IncidentEvent);
    });

    test('what the new version wrote, the old one reads', async () => {
      const bytes = await writer.encode(newId, written);
      await old.beforeDecode([logRecord(bytes)]);
      expect(createSerdes(old).incidentEvent.deserialize(bytes)).toStrictEqual(readByOld);
      expect(createSerdes(old).inboxEntry.deserialize(bytes)).toStrictEqual({
        type: 'event',
        event: readByOld,
      });
    });

    test('what the old version wrote, the new one reads', async () => {
      const bytes = createSerdes(old).incidentEvent.serialize(event);
      const decoder = new RecordDecoder(avroType(schema), { name: 'new', registry: old, limits: {} });
      expect(decoder.decode(bytes)).toStrictEqual(readByNew);
      const options = { [SchemaType.AVRO]: { readerSchema: schema as never } };
      expect(await writer.decode(Buffer.from(bytes), options)).toEqual(readByNew);
    });
  });

  test('an enum that grew deep inside a record is read too, in a union as well', async () => {
    const text = JSON.stringify(SCHEMAS.IncidentTransition).replace(
      '"RESOLVED","CLOSED"]',
      '"RESOLVED","CLOSED","ARCHIVED"]',
    );
    const grownTransition = JSON.parse(text) as AvroSchema;
    const id = await register(grownTransition, subjects.IncidentTransition);
    const bytes = await writer.encode(id, { ...transition, from: 'ARCHIVED' });
    await old.beforeDecode([logRecord(bytes)]);
    expect(createSerdes(old).incidentTransition.deserialize(bytes).from).toBe('OPEN');
  });

  test('numbers that were narrower are read', async () => {
    const narrow = changeField('time', (field) => ({ ...field, type: 'int' }));
    const { IncidentEvent: subject } = uniqueSubjects();
    const bytes = await writer.encode(await register(narrow, subject), { ...event, time: 12 });
    await old.beforeDecode([logRecord(bytes)]);
    expect(createSerdes(old).incidentEvent.deserialize(bytes).time).toBe(12);
  });

  test.each([
    ['a field without a default added', withFields((fields) => [...fields, { name: 'x', type: 'int' }])],
    ['a field without a default removed', withFields((fields) => fields.filter(({ name }) => name !== 'id'))],
    [
      'a field without a default renamed',
      changeField('summary', (field) => ({ ...field, name: 'text', aliases: ['summary'] })),
    ],
    ['a type changed', changeField('summary', (field) => ({ ...field, type: 'int' }))],
    [
      'a symbol removed from an enum without a default',
      changeField('severity', (field) => {
        const { name, symbols } = field.type as AvroEnum;
        return { ...field, type: { type: 'enum', name: `incident.v1.${name}`, symbols: symbols.slice(1) } };
      }),
    ],
  ])('%s is refused by the registry', async (_name, schema) => {
    await expect(register(schema, subjects.IncidentEvent)).rejects.toThrow(/HTTP 409/);
  });

  test('what cannot be resolved is refused as unreadable, not misread', async () => {
    const { IncidentEvent: subject } = uniqueSubjects();
    const schema = changeField('summary', (field) => ({ ...field, name: 'text' }));
    const bytes = await writer.encode(await register(schema, subject), {
      ...eventWithout('summary'),
      text: 'x',
    });
    await old.beforeDecode([logRecord(bytes)]);
    expect(() => createSerdes(old).incidentEvent.deserialize(bytes)).toThrow(
      /cannot be read as IncidentEvent/,
    );
  });
});
