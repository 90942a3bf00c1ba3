import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { AvroRecord } from '../avro-schema.ts';
import { emitCatalog } from './emit-catalog.ts';
import { emitTypes } from './emit-types.ts';
import { SchemaSet } from './schema-set.ts';
import type { SchemaFile } from './schema-set.ts';

/**
 * What the generated folder should hold: file name → text.
 * @throws {Error} naming the schema file when one cannot be read or does not hold the record it is named after.
 */
export function generate(schemaFolder: string): Map<string, string> {
  const set = readSchemaSet(schemaFolder);
  const texts = new Map(set.files.map(({ name }) => [`${name}.ts`, emitTypes(set, name)]));
  return texts.set('catalog.ts', emitCatalog(set));
}

/** The names of the files in the generated folder that are missing, differ, or should not be there. */
export function staleFiles(wanted: ReadonlyMap<string, string>, generatedFolder: string): string[] {
  const present = new Set(readdirSync(generatedFolder));
  const differing = [...wanted]
    .filter(
      ([name, text]) => !present.has(name) || readFileSync(join(generatedFolder, name), 'utf8') !== text,
    )
    .map(([name]) => name);
  return [...differing, ...[...present].filter((name) => !wanted.has(name))].toSorted();
}

/** @throws {Error} naming the schema file when one cannot be read or does not hold the record it is named after. */
export function readSchemaSet(schemaFolder: string): SchemaSet {
  return new SchemaSet(readSchemaFiles(schemaFolder));
}

function readSchemaFiles(folder: string): SchemaFile[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.avsc'));
  return files.map((file) => {
    const name = basename(file, '.avsc');
    const schema = parse(join(folder, file));
    if (schema.type !== 'record' || schema.name !== name) {
      throw new Error(`${file} must hold a record named "${name}"`);
    }
    return { name, schema };
  });
}

function parse(path: string): AvroRecord {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as AvroRecord;
  } catch (cause) {
    throw new Error(`${path} does not hold JSON: ${String(cause)}`, { cause });
  }
}
