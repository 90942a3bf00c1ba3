import type { AvroSchema } from '../../schemas/avro-schema.ts';
import { whyUnreadable } from '../../schemas/resolve.ts';
import { readSchema } from './read-schema.ts';
import type { RegistryApi } from './registry-api.ts';

/** What would become of a schema that was registered now. */
export type SchemaComparison =
  | { readonly verdict: 'new' }
  | { readonly verdict: 'registered'; readonly id: number; readonly level: string }
  | { readonly verdict: 'compatible'; readonly versions: number; readonly level: string }
  | { readonly verdict: 'incompatible'; readonly reasons: readonly string[]; readonly level: string };

/**
 * Compares a schema with the versions that its subject has: all of them at a transitive level, else the latest, as the
 * registry judges. Where the registry judges nothing (level NONE) it is compared by the rules that records are decoded
 * by here, with every version and both ways: a topic keeps old records, and old readers go on for a while.
 */
export async function compareSchema(
  api: RegistryApi,
  subject: string,
  schema: AvroSchema,
): Promise<SchemaComparison> {
  const latest = await api.schemaByVersion(subject, 'latest');
  if (latest === undefined) return { verdict: 'new' };
  const [id, level] = [await api.idOf(subject, schema), await api.levelOf(subject)];
  if (id !== undefined) return { verdict: 'registered', id, level };
  const judge = level === 'NONE' ? conflictHere : conflictThere;
  const first = level === 'NONE' || level.endsWith('_TRANSITIVE') ? 1 : latest.version;
  const reasons: string[] = [];
  for (let version = latest.version; version >= first; version--) {
    const reason = await judge(api, subject, version, schema);
    if (reason !== undefined) reasons.push(`version ${version}: ${reason}`);
  }
  if (reasons.length > 0) return { verdict: 'incompatible', reasons, level };
  return { verdict: 'compatible', versions: latest.version - first + 1, level };
}

type Judge = (
  api: RegistryApi,
  subject: string,
  version: number,
  schema: AvroSchema,
) => Promise<string | undefined>;

const conflictThere: Judge = (api, subject, version, schema) => api.conflictWith(subject, version, schema);

const conflictHere: Judge = async (api, subject, version, schema) => {
  const stored = await api.schemaByVersion(subject, version);
  if (stored === undefined) return undefined;
  const read = await readSchema(api, stored);
  if ('unreadable' in read) return read.unreadable;
  const reasons = [
    prefixed('its records cannot be read as the new schema', whyUnreadable(read.schema, schema)),
    prefixed('records of the new schema cannot be read as it', whyUnreadable(schema, read.schema)),
  ].filter((reason) => reason !== undefined);
  return reasons.length > 0 ? reasons.join('; ') : undefined;
};

function prefixed(what: string, reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : `${what}: ${reason}`;
}
