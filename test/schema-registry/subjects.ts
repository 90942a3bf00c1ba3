import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { SUBJECTS } from '../../cli/schemas/subjects.ts';
import { uniqueName } from '../services/describe-with.ts';

/** The pipeline's subjects under a prefix of their own: the registry is shared. */
export function uniqueSubjects(): Record<SchemaName, string> {
  const prefix = uniqueName('schemas');
  const subjects = Object.entries(SUBJECTS).map(([name, subject]) => [name, `${prefix}.${subject}`]);
  return Object.fromEntries(subjects) as Record<SchemaName, string>;
}
