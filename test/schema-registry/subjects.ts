import { schemaSubjects } from '../../cli/run/schema-subjects.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { uniqueName } from '../services/describe-with.ts';

/** The pipeline's subjects under a prefix of their own: the registry is shared. */
export function uniqueSubjects(): Readonly<Record<SchemaName, string>> {
  return schemaSubjects(`${uniqueName('schemas')}.`);
}
