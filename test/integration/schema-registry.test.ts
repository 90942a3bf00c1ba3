import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { beforeAll, expect, test } from 'vitest';
import { describeWith, uniqueName } from '../services/describe-with.ts';

interface Field {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
}

const ID: Field = { name: 'id', type: 'string' };
const NOTE: Field = { name: 'note', type: ['null', 'string'], default: null };
const COUNT_WITHOUT_DEFAULT: Field = { name: 'count', type: 'int' };

await describeWith(['schemaRegistry'], 'Schema registry', ({ schemaRegistry }) => {
  let registry: SchemaRegistry;
  let subject: string;
  const register = async (...fields: Field[]): Promise<number> => {
    const schema = JSON.stringify({ type: 'record', name: 'Probe', namespace: 'incident.test', fields });
    const options = { subject, compatibility: COMPATIBILITY.BACKWARD };
    return (await registry.register({ type: SchemaType.AVRO, schema }, options)).id;
  };

  beforeAll(() => {
    registry = new SchemaRegistry({ host: schemaRegistry });
    subject = uniqueName('probe');
  });

  test('evolves a schema compatibly and refuses an incompatible one', async () => {
    const first = await register(ID);
    const second = await register(ID, NOTE);

    expect(second).not.toBe(first);
    expect(await register(ID)).toBe(first);
    await expect(register(ID, NOTE, COUNT_WITHOUT_DEFAULT)).rejects.toThrow(/incompatible/i);
    expect(await registry.getLatestSchemaId(subject)).toBe(second);
  });

  test('reads a record that was written with an earlier schema', async () => {
    const earlier = await register(ID);
    await register(ID, NOTE);

    const encoded = await registry.encode(earlier, { id: 'a' });

    expect(encoded.readUInt8(0)).toBe(0);
    expect(encoded.readInt32BE(1)).toBe(earlier);
    expect(await registry.decode(encoded)).toEqual({ id: 'a' });
  });
});
