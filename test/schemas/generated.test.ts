import { join } from 'node:path';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { generate, staleFiles } from '../../schemas/codegen/generate.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';

const schemaFolder = join(import.meta.dirname, '../../schemas');
const names = Object.keys(SCHEMAS) as SchemaName[];

describe('generated files', () => {
  it('are what `npm run schemas` would write now', () => {
    expect(staleFiles(generate(schemaFolder), join(schemaFolder, 'generated'))).toEqual([]);
  });

  it.each(names)('hold a %s that stands by itself', (name) => {
    expect(avro.Type.forSchema(SCHEMAS[name] as avro.Schema).name).toBe(`incident.v1.${name}`);
  });
});

/**
 * Records on disk carry these ids. Where a schema has to change, it takes a new id and the old one keeps the
 * old schema: a line is added here, none is altered.
 */
const FINGERPRINTS: Readonly<Record<number, string>> = {
  1: 'a613329d2394d19801da4b3370d6c443',
  2: '19cc75d309d56d1ffeb57c2861984201',
  3: 'ade41a962b235ecba7e0df637c11dab3',
  4: 'ff7ff53f2abb429365a0402494012052',
  5: '80e6ba677b2b10dbeebdc8a96ecece8e',
  6: '876814167b3d013a2481a538810d9567',
  7: 'f1fee3ca9212e57ce23578aa8325c137',
};

describe('the embedded registry', () => {
  it('gives every schema its own id, and each id its schema', () => {
    const registry = new EmbeddedRegistry();
    const ids = names.map((name) => registry.idOf(name));
    expect(new Set(ids).size).toBe(names.length);
    expect(ids.map((id) => registry.schemaFor(id))).toEqual(names.map((name) => SCHEMAS[name]));
  });

  it('never gives an id that is in use to a schema that writes other bytes', () => {
    const registry = new EmbeddedRegistry();
    const fingerprints = Object.keys(FINGERPRINTS).map((id) => {
      const schema = registry.schemaFor(Number(id)) as avro.Schema;
      return [id, avro.Type.forSchema(schema).fingerprint('md5').toString('hex')];
    });
    expect(Object.fromEntries(fingerprints)).toEqual(FINGERPRINTS);
  });

  it('knows no other id', () => {
    expect(new EmbeddedRegistry().schemaFor(4711)).toBeUndefined();
  });
});
