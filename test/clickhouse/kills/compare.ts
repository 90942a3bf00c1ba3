import { isDeepStrictEqual } from 'node:util';
import type { ClickHouseClient } from '@clickhouse/client';
import type { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import type { IncidentTransition } from '../../../schemas/generated/IncidentTransition.ts';
import { PARTITIONS, TOPIC, sourceRecords } from './archived-topic.ts';

interface ArchivedRow {
  readonly offset: number;
  readonly id: string;
  readonly version: number;
  readonly summary: string;
  readonly state: string;
}

/** Where the view differs from the topic; nothing where each record of the topic is there once, and nothing else. */
export async function differencesFromSource(
  runtime: EmbeddedRuntime,
  client: ClickHouseClient,
): Promise<string[]> {
  const problems: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    problems.push(...(await differencesOfPartition(runtime, client, partition)));
  }
  return problems;
}

/** How many rows the table holds, whatever the view makes of them. */
export async function storedRows(client: ClickHouseClient): Promise<number> {
  const result = await client.query({
    query: 'SELECT toUInt32(count()) AS rows FROM transition_log',
    format: 'JSONEachRow',
  });
  return (await result.json<{ rows: number }>())[0]?.rows ?? 0;
}

async function differencesOfPartition(
  runtime: EmbeddedRuntime,
  client: ClickHouseClient,
  partition: number,
): Promise<string[]> {
  const expected = new Map(sourceRecords(runtime, partition).map((record) => [record.offset, record]));
  const rows = await archivedRows(client, partition);
  const seen = new Set<number>();
  const counts = { missing: 0, foreign: 0, doubled: 0, different: 0 };
  for (const row of rows) {
    const source = expected.get(row.offset);
    if (seen.has(row.offset)) counts.doubled++;
    else if (source === undefined) counts.foreign++;
    else if (!isArchived(source.transition, row)) counts.different++;
    seen.add(row.offset);
  }
  for (const offset of expected.keys()) if (!seen.has(offset)) counts.missing++;
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${TOPIC}[${partition}]: ${count} of ${expected.size} ${what}`);
}

async function archivedRows(client: ClickHouseClient, partition: number): Promise<ArchivedRow[]> {
  const result = await client.query({
    query: `SELECT toFloat64(topic_offset) AS offset, incident_id AS id, version, summary, state
      FROM transitions WHERE topic_partition = {partition:UInt32}`,
    query_params: { partition },
    format: 'JSONEachRow',
  });
  return result.json<ArchivedRow>();
}

function isArchived(transition: IncidentTransition, { id, version, summary, state }: ArchivedRow): boolean {
  return (
    id === transition.incidentId &&
    version === transition.version &&
    summary === transition.state.summary &&
    isDeepStrictEqual(JSON.parse(state), transition.state)
  );
}
