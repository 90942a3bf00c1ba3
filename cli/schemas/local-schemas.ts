import type { AvroSchema } from '../../schemas/avro-schema.ts';
import { readSchemaSet } from '../../schemas/codegen/generate.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { UsageError } from '../errors.ts';

/**
 * The schemas of this version, or those of a folder of `.avsc` files that holds the same ones, changed.
 * @throws {UsageError} when the folder does not hold them.
 */
export function localSchemas(folder: string | undefined): Readonly<Record<SchemaName, AvroSchema>> {
  if (folder === undefined) return SCHEMAS;
  const found = schemasOf(folder);
  const schemas = Object.keys(SCHEMAS).map((name) => {
    const schema = found.get(name);
    if (schema === undefined) throw new UsageError(`--schemas: ${folder} has no ${name}.avsc`);
    return [name, schema] as const;
  });
  return Object.fromEntries(schemas) as Record<SchemaName, AvroSchema>;
}

function schemasOf(folder: string): ReadonlyMap<string, AvroSchema> {
  try {
    const set = readSchemaSet(folder);
    return new Map(set.files.map(({ name, schema }) => [name, set.selfContained(schema)]));
  } catch (error) {
    throw new UsageError(`--schemas: ${(error as Error).message}`, { cause: error });
  }
}
