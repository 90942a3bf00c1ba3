import avro from 'avsc';
import { beforeAll, expect, test } from 'vitest';
import { DeserializationError } from '@incident-streams/streams';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import type { ConfluentRegistry, ConfluentRegistryOptions } from '../../connectors/schema-registry/index.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { tick } from '../schemas/samples.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { logRecord, recordOfId } from './log-record.ts';
import { postJson } from './registry-rest.ts';
import { uniqueSubjects } from './subjects.ts';
import { startSwitchableProxy } from './switchable-proxy.ts';

/** No registry has given out as many. */
const UNKNOWN_ID = 0x7fff_fff0;

await describeWith(['schemaRegistry'], 'before records are decoded', ({ schemaRegistry: url }) => {
  let subjects: Readonly<Record<SchemaName, string>>;
  const open = (options: Partial<ConfluentRegistryOptions> = {}): Promise<ConfluentRegistry> =>
    openConfluentRegistry({ url, subjects, ...options });
  const register = async (schema: object, more: object = {}): Promise<number> => {
    const body = { schema: JSON.stringify(schema), ...more };
    return (await postJson(`${url}/subjects/${uniqueName('other')}/versions`, body))['id'] as number;
  };
  /** A Tick of another team, whose schema nobody here has seen. */
  const strangeTick = async (field: string): Promise<{ id: number; bytes: Uint8Array }> => {
    const { fields } = SCHEMAS.Tick as { fields: readonly object[] };
    const schema = { ...(SCHEMAS.Tick as object), fields: [...fields, { name: field, type: 'int' }] };
    const id = await register(schema);
    const body = avro.Type.forSchema(schema as unknown as avro.Schema).toBuffer({ ...tick, [field]: 1 });
    return { id, bytes: recordOfId(id, body).value! };
  };

  beforeAll(async () => {
    subjects = uniqueSubjects();
    await open();
  });

  test('nothing is asked, and nothing is waited for, while every id is known', async () => {
    await using proxy = await startSwitchableProxy(url);
    const registry = await open({ url: proxy.url });
    proxy.requests.length = 0;
    const records = [
      logRecord(createSerdes(registry).tick.serialize(tick)),
      recordOfId(registry.idOf('IncidentEvent')),
      logRecord(null),
      logRecord(Buffer.from('{"not":"avro"}')),
      logRecord(Buffer.from([0, 0, 0])),
    ];
    expect(registry.beforeDecode(records)).toBeUndefined();
    expect(registry.beforeDecode([])).toBeUndefined();
    expect(proxy.requests).toEqual([]);
  });

  test('a schema that is not known yet is fetched, once, whoever asks', async () => {
    await using proxy = await startSwitchableProxy(url);
    const registry = await open({ url: proxy.url });
    const { tick: serde } = createSerdes(registry);
    const { id, bytes } = await strangeTick('extra');
    expect(() => serde.deserialize(bytes)).toThrow(`Schema id ${id} is unknown to the registry`);
    proxy.requests.length = 0;
    const first = registry.beforeDecode([logRecord(bytes), logRecord(bytes)]);
    const second = registry.beforeDecode([logRecord(bytes)]);
    expect([first, second]).toEqual([expect.any(Promise), expect.any(Promise)]);
    await first;
    await second;
    expect(proxy.requests).toEqual([`GET /schemas/ids/${id}`]);
    expect(serde.deserialize(bytes)).toEqual(tick);
    expect(registry.beforeDecode([logRecord(bytes)])).toBeUndefined();
  });

  test('an id that the registry does not know cannot be decoded, and is asked for again after a while', async () => {
    await using proxy = await startSwitchableProxy(url);
    const registry = await open({ url: proxy.url, unknownIdMs: 500 });
    proxy.requests.length = 0;
    const record = recordOfId(UNKNOWN_ID, Buffer.from('whatever'));
    await registry.beforeDecode([record]);
    const asked = proxy.requests.filter((line) => line === `GET /schemas/ids/${UNKNOWN_ID}`).length;
    expect(asked).toBe(4);
    expect(registry.beforeDecode([record])).toBeUndefined();
    const { tick: serde, inboxEntry } = createSerdes(registry);
    expect(() => serde.deserialize(record.value!)).toThrow(DeserializationError);
    expect(() => inboxEntry.deserialize(record.value!)).toThrow(DeserializationError);
    await expect.poll(() => registry.beforeDecode([record]) === undefined, { timeout: 50_000 }).toBe(false);
  });

  test('an id that a lagging replica does not know yet is not taken for unknown', async () => {
    await using proxy = await startSwitchableProxy(url);
    const registry = await open({ url: proxy.url });
    const { tick: serde } = createSerdes(registry);
    const { id, bytes } = await strangeTick('late');
    const path = `/schemas/ids/${id}`;
    proxy.hidden.add(path);
    const wait = registry.beforeDecode([logRecord(bytes)]);
    await expect
      .poll(() => proxy.requests.filter((line) => line === `GET ${path}`).length, { timeout: 50_000 })
      .toBe(2);
    proxy.hidden.delete(path);
    await wait;
    expect(serde.deserialize(bytes)).toEqual(tick);
  });

  test('what is no Avro schema, or no valid one, is unreadable, and the reason says so', async () => {
    const jsonSchema = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' };
    const id = await register(jsonSchema, { schemaType: 'JSON' });
    const registry = await open();
    const { tick: serde, inboxEntry } = createSerdes(registry);
    const record = recordOfId(id, Buffer.from('{}'));
    await registry.beforeDecode([record]);
    const why = `Schema id ${id} cannot be read with: it is a JSON schema, and only Avro is read here`;
    expect(() => serde.deserialize(record.value!)).toThrow(DeserializationError);
    expect(() => serde.deserialize(record.value!)).toThrow(why);
    expect(() => inboxEntry.deserialize(record.value!)).toThrow(why);
    expect(registry.beforeDecode([record])).toBeUndefined();
  });

  test('a schema that refers to others is read together with them', async () => {
    const part = {
      type: 'record',
      name: 'Part',
      namespace: 'other',
      fields: [{ name: 'n', type: 'int' }],
    };
    const subject = uniqueName('part');
    await postJson(`${url}/subjects/${subject}/versions`, { schema: JSON.stringify(part) });
    const { fields } = SCHEMAS.Tick as { fields: readonly object[] };
    const whole = {
      ...(SCHEMAS.Tick as object),
      fields: [{ name: 'part', type: 'other.Part' }, ...fields, { name: 'also', type: 'other.Part' }],
    };
    const id = await register(whole, { references: [{ name: 'other.Part', subject, version: 1 }] });
    const registry = await open();
    const writerRegistry = {};
    avro.Type.forSchema(part as avro.Schema, { registry: writerRegistry });
    const writer = avro.Type.forSchema(whole as unknown as avro.Schema, { registry: writerRegistry });
    const record = recordOfId(id, writer.toBuffer({ ...tick, part: { n: 1 }, also: { n: 2 } }));
    await registry.beforeDecode([record]);
    expect(createSerdes(registry).tick.deserialize(record.value!)).toEqual(tick);
  });
});
