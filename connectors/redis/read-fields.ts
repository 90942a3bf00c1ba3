import type { RedisConnection } from './redis-connection.ts';

export interface HashField {
  readonly key: string;
  readonly field: string;
}

/** Reads fields of hashes, one answer each in their order; null where there is no such hash or field. */
export type ReadFields = (fields: readonly HashField[]) => Promise<(string | null)[]>;

/**
 * On one server they share a round trip. In a cluster each goes its own way, for partitions may lie on different nodes,
 * and those of one partition too while its slot moves.
 */
export function fieldReader(connection: RedisConnection, doing: string): ReadFields {
  if (!connection.spansNodes) return (fields) => readTogether(connection, doing, fields);
  return (fields) =>
    Promise.all(
      fields.map(({ key, field }) => connection.run({ doing, key }, (client) => client.hget(key, field))),
    );
}

async function readTogether(
  connection: RedisConnection,
  doing: string,
  fields: readonly HashField[],
): Promise<(string | null)[]> {
  const [first] = fields;
  if (first === undefined) return [];
  return connection.run({ doing, key: first.key }, async (client) => {
    const pipeline = client.pipeline();
    for (const { key, field } of fields) pipeline.hget(key, field);
    const answers = (await pipeline.exec()) ?? [];
    return answers.map(([error, value]) => {
      if (error !== null) throw error;
      return value as string | null;
    });
  });
}
