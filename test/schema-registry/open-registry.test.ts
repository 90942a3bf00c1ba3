import { describe, expect, test } from 'vitest';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { event } from '../schemas/samples.ts';
import { describeWith } from '../services/describe-with.ts';
import { postJson, readJson } from './registry-rest.ts';
import { startSwitchableProxy } from './switchable-proxy.ts';
import { uniqueSubjects } from './subjects.ts';

await describeWith(['schemaRegistry'], 'opening a registry', ({ schemaRegistry: url }) => {
  test('registers the schemas of this version, each under its subject, and holds new subjects to FULL_TRANSITIVE', async () => {
    const subjects = uniqueSubjects();
    const registry = await openConfluentRegistry({ url, subjects });
    for (const [name, subject] of Object.entries(subjects) as [SchemaName, string][]) {
      const latest = await readJson(`${url}/subjects/${subject}/versions/latest`);
      expect(latest).toMatchObject({ version: 1, id: registry.idOf(name) });
      expect(JSON.parse(latest['schema'] as string)).toEqual(SCHEMAS[name]);
      expect(await readJson(`${url}/config/${subject}`)).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
      expect(registry.schemaFor(registry.idOf(name))).toBe(SCHEMAS[name]);
    }
    expect(new Set(Object.keys(subjects).map((name) => registry.idOf(name as SchemaName))).size).toBe(
      Object.keys(subjects).length,
    );
  });

  test('a second start finds the same ids and registers nothing', async () => {
    await using proxy = await startSwitchableProxy(url);
    const subjects = uniqueSubjects();
    const first = await openConfluentRegistry({ url, subjects });
    const second = await openConfluentRegistry({ url: proxy.url, subjects });
    expect(second.idOf('IncidentState')).toBe(first.idOf('IncidentState'));
    expect(proxy.requests.filter((line) => line.endsWith('/versions'))).toEqual([]);
    expect(await readJson(`${url}/subjects/${subjects.IncidentState}/versions`)).toEqual([1]);
  });

  test('with register: false it looks up, and says which subject lacks its schema', async () => {
    const subjects = uniqueSubjects();
    const opening = openConfluentRegistry({ url, subjects, register: false });
    await expect(opening).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_NOT_REGISTERED' });
    await expect(opening).rejects.toThrow(subjects.IncidentEvent);
    const registered = await openConfluentRegistry({ url, subjects });
    const found = await openConfluentRegistry({ url, subjects, register: false });
    expect(found.idOf('Tick')).toBe(registered.idOf('Tick'));
  });

  test('a schema that does not fit the versions before it is refused with the registry’s reasons', async () => {
    const subjects = uniqueSubjects();
    const other = { type: 'record', name: 'incident.v1.Tick', fields: [{ name: 'id', type: 'int' }] };
    await postJson(`${url}/subjects/${subjects.Tick}/versions`, { schema: JSON.stringify(other) });
    await postJson(`${url}/config/${subjects.Tick}`, { compatibility: 'BACKWARD' }, 'PUT');
    const opening = openConfluentRegistry({ url, subjects });
    await expect(opening).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_INCOMPATIBLE' });
    await expect(opening).rejects.toThrow(/reader type: STRING not compatible with writer type: INT/);
  });

  test('knows the versions before this one from the start: a store may hold their ids', async () => {
    const subjects = uniqueSubjects();
    const older = { ...(SCHEMAS.WindowAggregate as object), doc: 'An earlier description.' };
    const versions = `${url}/subjects/${subjects.WindowAggregate}/versions`;
    const { id } = (await postJson(versions, { schema: JSON.stringify(older) })) as { id: number };
    const registry = await openConfluentRegistry({ url, subjects });
    expect(registry.idOf('WindowAggregate')).not.toBe(id);
    expect(registry.schemaFor(id)).toMatchObject({ doc: 'An earlier description.' });
  });

  test('a subject that exists keeps its level', async () => {
    const subjects = uniqueSubjects();
    const older = { ...(SCHEMAS.Tick as object), doc: 'An earlier description.' };
    await postJson(`${url}/subjects/${subjects.Tick}/versions`, { schema: JSON.stringify(older) });
    await postJson(`${url}/config/${subjects.Tick}`, { compatibility: 'BACKWARD' }, 'PUT');
    await openConfluentRegistry({ url, subjects });
    expect(await readJson(`${url}/config/${subjects.Tick}`)).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect(await readJson(`${url}/subjects/${subjects.Tick}/versions`)).toEqual([1, 2]);
  });

  test('waits for a registry that is down, saying why, until it is told to give up', async () => {
    await using proxy = await startSwitchableProxy(url);
    proxy.mode = 'refuse';
    const reasons: string[] = [];
    const subjects = uniqueSubjects();
    const opening = openConfluentRegistry({
      url: proxy.url,
      subjects,
      onRetry: (reason) => {
        reasons.push(reason);
        if (reasons.length === 2) proxy.mode = 'serve';
      },
    });
    expect((await opening).idOf('Tick')).toBeGreaterThan(0);
    expect(reasons[0]).toContain(`list the subjects: the schema registry at ${proxy.url} cannot be asked`);

    proxy.mode = 503;
    const signal = AbortSignal.timeout(500);
    await expect(openConfluentRegistry({ url: proxy.url, subjects, signal })).rejects.toThrow(/abort/i);
  });

  test('a path without a registry is refused at once', async () => {
    const opening = openConfluentRegistry({ url: `${url}/elsewhere`, subjects: uniqueSubjects() });
    await expect(opening).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_REFUSED' });
    await expect(opening).rejects.toThrow(`There is no schema registry at ${url}/elsewhere`);
  });

  test('records carry the registry’s ids', async () => {
    const registry = await openConfluentRegistry({ url, subjects: uniqueSubjects() });
    const bytes = createSerdes(registry).incidentEvent.serialize(event);
    expect(Buffer.from(bytes).readUInt32BE(1)).toBe(registry.idOf('IncidentEvent'));
    const embedded = createSerdes(new EmbeddedRegistry()).incidentEvent.serialize(event);
    expect(bytes.subarray(5)).toEqual(embedded.subarray(5));
    expect(createSerdes(registry).incidentEvent.deserialize(bytes)).toEqual(event);
  });

  test('credentials are sent, and shown in no message', async () => {
    await using proxy = await startSwitchableProxy(url);
    const withCredentials = new URL(proxy.url);
    withCredentials.username = 'ada';
    withCredentials.password = 'pa%20ss';
    await openConfluentRegistry({ url: withCredentials.href, subjects: uniqueSubjects() });
    expect(proxy.authorization).toBe(`Basic ${Buffer.from('ada:pa ss').toString('base64')}`);
    proxy.mode = 401;
    const opening = openConfluentRegistry({ url: withCredentials.href, subjects: uniqueSubjects() });
    await expect(opening).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_REFUSED' });
    await expect(opening).rejects.not.toThrow(/pa.*ss/);
  });
});

describe('a URL that is none', () => {
  test.each(['registry:8081', 'ftp://user:secret@host', ''])('%s is refused, unsaid', async (url) => {
    const opening = openConfluentRegistry({ url, subjects: uniqueSubjects() });
    await expect(opening).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_USAGE' });
    await expect(opening).rejects.not.toThrow(/secret/);
  });
});
