import type { AvroSchema } from '../../schemas/avro-schema.ts';
import { SchemaIncompatibleError, SchemaNotRegisteredError } from './errors.ts';
import type { CompatibilityLevel, RegistryApi } from './registry-api.ts';

/** What a subject is held to that this makes; `REGISTRY_DEFAULT` leaves that to the registry. */
export type NewSubjectLevel = CompatibilityLevel | 'REGISTRY_DEFAULT';

/** @throws {SchemaNotRegisteredError} when the subject does not have the schema. */
export async function findSchema(api: RegistryApi, subject: string, schema: AvroSchema): Promise<number> {
  const id = await api.idOf(subject, schema);
  if (id !== undefined) return id;
  throw new SchemaNotRegisteredError(
    `The schema of this version is not registered under ${subject} at ${api.url}`,
  );
}

/**
 * Registers a schema, unless the subject has it already: that much needs no right to write. A subject that is made is
 * held to the level; one that exists keeps its own.
 *
 * @throws {SchemaIncompatibleError} with the registry's reasons.
 */
export async function registerSchema(
  api: RegistryApi,
  subject: string,
  schema: AvroSchema,
  level: NewSubjectLevel = 'FULL_TRANSITIVE',
): Promise<number> {
  const found = await api.idOf(subject, schema);
  if (found !== undefined) return found;
  const isNew = (await api.schemaByVersion(subject, 'latest')) === undefined;
  const id = await registerOrFind(api, subject, schema);
  if (isNew && level !== 'REGISTRY_DEFAULT') await setLevelOnce(api, subject, level);
  return id;
}

/** Of several processes that make a subject at the same time, some registries answer all but one with a conflict. */
async function registerOrFind(api: RegistryApi, subject: string, schema: AvroSchema): Promise<number> {
  try {
    return await api.register(subject, schema);
  } catch (error) {
    const found = await afterConflict(error, () => api.idOf(subject, schema));
    if (found === undefined) throw error;
    return found;
  }
}

async function setLevelOnce(api: RegistryApi, subject: string, level: CompatibilityLevel): Promise<void> {
  try {
    await api.setLevel(subject, level);
  } catch (error) {
    if ((await afterConflict(error, () => api.levelOf(subject))) !== level) throw error;
  }
}

/** After a conflict: what another process has made of it meanwhile. */
async function afterConflict<T>(error: unknown, ask: () => Promise<T>): Promise<T> {
  if (error instanceof SchemaIncompatibleError) return ask();
  throw error;
}
