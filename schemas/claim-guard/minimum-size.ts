import { fullName, isNamed, isPrimitive, isUnion, namespaceOf, qualify } from '../avro-schema.ts';
import type { AvroPrimitive, AvroSchema } from '../avro-schema.ts';
import type { NamedTypes } from './named-types.ts';

const PRIMITIVE_BYTES: Record<AvroPrimitive, number> = {
  null: 0,
  boolean: 1,
  int: 1,
  long: 1,
  float: 4,
  double: 8,
  bytes: 1,
  string: 1,
};

/** The fewest bytes that a value of the schema can take: what a block's count is measured against. */
export function minimumBytes(schema: AvroSchema, namespace: string | undefined, types: NamedTypes): number {
  return measure(schema, namespace, types, []);
}

function measure(
  schema: AvroSchema,
  namespace: string | undefined,
  types: NamedTypes,
  within: readonly string[],
): number {
  if (typeof schema === 'string') {
    if (isPrimitive(schema)) return PRIMITIVE_BYTES[schema];
    const full = qualify(schema, namespace);
    return measure(types.get(full), namespaceOf(full), types, within);
  }
  if (isUnion(schema)) {
    return 1 + Math.min(...schema.map((branch) => measure(branch, namespace, types, within)));
  }
  if (!isNamed(schema)) {
    return schema.type === 'array' || schema.type === 'map' ? 1 : PRIMITIVE_BYTES[schema.type];
  }
  if (schema.type === 'fixed') return schema.size;
  if (schema.type === 'enum') return 1;
  const full = fullName(schema, namespace);
  // A record within itself: its least is counted where it began, nothing is added here.
  if (within.includes(full)) return 0;
  const inner = [...within, full];
  return schema.fields.reduce((sum, field) => sum + measure(field.type, namespaceOf(full), types, inner), 0);
}
