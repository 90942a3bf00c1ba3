import { CodedError } from '@incident-streams/streams';
import type { AvroSchema } from '../../schemas/avro-schema.ts';
import { normalSchema } from '../../schemas/normal-schema.ts';
import type { RegistryApi, StoredSchema } from './registry-api.ts';

/** A schema that can be read with, or why there is none. */
export type ReadSchema = { readonly schema: AvroSchema } | { readonly unreadable: string };

const MAX_REFERENCES = 100;

/** Makes an Avro schema of what the registry stores, with the schemas that it refers to fetched as well. */
export async function readSchema(api: RegistryApi, stored: StoredSchema): Promise<ReadSchema> {
  if (stored.type !== 'AVRO')
    return { unreadable: `it is a ${stored.type} schema, and only Avro is read here` };
  try {
    const referenced = new Map<string, string>();
    await collectReferences(api, stored, referenced);
    return { schema: normalSchema(stored.text, [...referenced.values()]) };
  } catch (error) {
    // The registry's failures are not the schema's.
    if (error instanceof CodedError) throw error;
    return { unreadable: `it is no valid Avro schema: ${(error as Error).message}` };
  }
}

/** Each behind those that it refers to itself. */
async function collectReferences(
  api: RegistryApi,
  stored: StoredSchema,
  texts: Map<string, string>,
): Promise<void> {
  for (const { subject, version } of stored.references) {
    const place = `version ${version} of ${subject}`;
    if (texts.has(place)) continue;
    const found = await api.schemaByVersion(subject, version);
    if (found === undefined) throw new Error(`it refers to ${place}, which does not exist`);
    await collectReferences(api, found, texts);
    texts.set(place, found.text);
    if (texts.size > MAX_REFERENCES) throw new Error(`it refers to more than ${MAX_REFERENCES} others`);
  }
}
