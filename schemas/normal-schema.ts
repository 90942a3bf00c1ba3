import avro from 'avsc';
import type { AvroSchema } from './avro-schema.ts';

/**
 * The schema that a JSON text holds, standing by itself: what it refers to is written out where it occurs first, and
 * names are full names. Annotations that change nothing on the wire are left out.
 *
 * Where a default is not of its field's type, all defaults are left out: some libraries let such schemas pass, and
 * reading what was written with one needs no default of it.
 *
 * @param referencedTexts the schemas that it refers to, each behind those that it refers to itself.
 * @throws {Error} when one of them is no Avro schema.
 */
export function normalSchema(text: string, referencedTexts: readonly string[] = []): AvroSchema {
  const texts = [...referencedTexts, text];
  try {
    return resolve(texts.map((part) => JSON.parse(part) as avro.Schema));
  } catch (error) {
    try {
      return resolve(texts.map((part) => JSON.parse(part, withoutDefaults) as avro.Schema));
    } catch {
      throw error;
    }
  }
}

function withoutDefaults(key: string, value: unknown): unknown {
  return key === 'default' ? undefined : value;
}

/** The last schema, which may refer to those before it. */
function resolve(schemas: readonly avro.Schema[]): AvroSchema {
  const registry: Record<string, avro.Type> = {};
  const types = schemas.map((schema) => avro.Type.forSchema(schema, { registry }));
  const exported = JSON.stringify(types.at(-1)!.schema({ exportAttrs: true }));
  // avsc leaves out what its own types hold of an enum: the default, which decides about symbols that are unknown.
  return JSON.parse(exported, (_key, value: unknown) => {
    if (!isEnum(value)) return value;
    const { default: symbol } = registry[value.name] as { default?: string };
    return symbol === undefined ? value : { ...value, default: symbol };
  }) as AvroSchema;
}

function isEnum(value: unknown): value is { readonly name: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { type, name, symbols } = value as Record<string, unknown>;
  return type === 'enum' && typeof name === 'string' && Array.isArray(symbols);
}
