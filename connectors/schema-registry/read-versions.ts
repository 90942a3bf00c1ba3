import { readSchema } from './read-schema.ts';
import type { ReadSchema } from './read-schema.ts';
import type { RegistryApi } from './registry-api.ts';

/**
 * Every version that a subject has, by schema id. A store that was filled by an earlier version of this program holds
 * their ids, and is read without anybody asking for them first.
 */
export async function readVersions(
  api: RegistryApi,
  subject: string,
): Promise<ReadonlyMap<number, ReadSchema>> {
  const versions = new Map<number, ReadSchema>();
  const latest = await api.schemaByVersion(subject, 'latest');
  for (let version = latest?.version ?? 0; version >= 1; version--) {
    const stored = await api.schemaByVersion(subject, version);
    if (stored !== undefined) versions.set(stored.id, await readSchema(api, stored));
  }
  return versions;
}
