import avro from 'avsc';
import type { AvroSchema } from './avro-schema.ts';

/**
 * The schema that a JSON text holds, standing by itself: what it refers to is written out where it occurs first, and
 * names are full names. Annotations that change nothing on the wire are left out.
 *
 * @param referencedTexts the schemas that it refers to, each behind those that it refers to itself.
 * @throws {Error} when one of them is no Avro schema.
 */
export function normalSchema(text: string, referencedTexts: readonly string[] = []): AvroSchema {
  const registry: Record<string, avro.Type> = {};
  for (const referenced of referencedTexts) avro.Type.forSchema(parse(referenced), { registry });
  const type = avro.Type.forSchema(parse(text), { registry });
  return type.schema({ exportAttrs: true }) as AvroSchema;
}

function parse(text: string): avro.Schema {
  return JSON.parse(text) as avro.Schema;
}
