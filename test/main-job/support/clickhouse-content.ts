import { join } from 'node:path';
import { startClickHouseEngine } from '../../../cli/services/clickhouse-engine.ts';
import type { Content } from './content.ts';

/** The views that people ask, and the tables beneath them: a row that only a view hides must not be there either. */
const QUERIES: Readonly<Record<string, string>> = {
  transitions: orderedByPosition('transitions'),
  windows: orderedByPosition('windows'),
  events: orderedByPosition('events'),
  dead_letters: `SELECT * EXCEPT (topic_epoch, topic_partition, topic_offset, inserted_at) FROM dead_letters
    ORDER BY source_topic, source_partition, source_offset`,
  late_events: orderedByPosition('late_events'),
  incidents: 'SELECT * FROM incidents ORDER BY incident_id',
  rows: `SELECT * FROM (${['transition_log', 'window_log', 'event_log', 'dead_letter_log'].map(rowCount).join(' UNION ALL ')}) ORDER BY name`,
};

function orderedByPosition(view: string): string {
  return `SELECT * EXCEPT (topic_epoch, inserted_at) FROM ${view} ORDER BY topic_partition, topic_offset`;
}

function rowCount(table: string): string {
  return `SELECT '${table}' AS name, count() AS rows, uniqExact(topic_epoch) AS epochs FROM ${table} FINAL`;
}

/** What the history of a data directory answers, by view, but for the times of insertion and the topics' epoch. */
export async function clickHouseContent(dataDir: string): Promise<Content> {
  const engine = await startClickHouseEngine({ dataDir: join(dataDir, 'clickhouse') });
  if ('unavailable' in engine) throw new Error(engine.unavailable);
  try {
    const content = new Map<string, string[]>();
    for (const [name, query] of Object.entries(QUERIES))
      content.set(`clickhouse ${name}`, await rowsOf(engine.url, query));
    return content;
  } finally {
    await engine.stop();
  }
}

export async function rowsOf(url: string, query: string): Promise<string[]> {
  const address = `${url}/?database=history&query=${encodeURIComponent(`${query} FORMAT JSONEachRow`)}`;
  const response = await fetch(address);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.split('\n').filter((line) => line !== '');
}
