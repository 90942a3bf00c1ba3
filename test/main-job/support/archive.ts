import { join } from 'node:path';
import { startClickHouseEngine } from '../../../cli/services/clickhouse-engine.ts';
import type { EventVerdict } from '../../../schemas/generated/EventVerdict.ts';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import { TOPICS } from '../../../topology/topics.ts';
import { rowsOf } from './clickhouse-content.ts';
import { openForReading } from './streams-content.ts';
import { outcomesInLedger, verdictsIn } from './verdicts.ts';
import type { OutcomeLines } from './verdicts.ts';

export interface ArchivedDeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly code: string;
  readonly message: string;
  /** In hexadecimal. */
  readonly value: string;
}

/** What ClickHouse holds of the events of a data directory, and beside it what the pipeline says of them. */
export interface Archive {
  readonly outcomes: OutcomeLines;
  readonly ledger: OutcomeLines;
  readonly totals: Readonly<Record<string, number>>;
  /** How many events the ledger counted as rejected; what could not be read at all is not among them. */
  readonly rejected: number;
  readonly events: readonly EventVerdict[];
  readonly verdicts: readonly EventVerdict[];
  readonly deadLetters: readonly ArchivedDeadLetter[];
  /** The value of the record that a dead letter names, in hexadecimal. */
  readonly sourceOf: (
    place: Pick<ArchivedDeadLetter, 'topic' | 'partition' | 'offset'>,
  ) => string | undefined;
}

const EVENTS = `SELECT upper(outcome) AS outcome, reason, toUnixTimestamp64Milli(received_at) AS receivedAt,
  inbox_partition AS inboxPartition, inbox_offset AS inboxOffset, event_id AS id, event_source AS source, type,
  toUnixTimestamp64Milli(time) AS time, service, component, fingerprint, kind, severity, summary, value, attributes
  FROM events ORDER BY topic_partition, topic_offset SETTINGS output_format_json_quote_64bit_integers = 0`;
const DEAD_LETTERS = `SELECT source_topic AS topic, source_partition AS partition, toFloat64(source_offset) AS offset,
  code, message, lower(hex(value)) AS value FROM dead_letters ORDER BY topic_partition, topic_offset`;

export async function readArchive(dataDir: string): Promise<Archive> {
  const [archived, pipeline] = [await readClickHouse(dataDir), openForReading(dataDir)];
  const { runtime } = pipeline;
  const recordsOf = (topic: string) =>
    Array.from({ length: runtime.partitionsOf(topic) }, (_, partition) => partition).flatMap((partition) => [
      ...runtime.records(topic, partition),
    ]);
  const verdicts = verdictsIn(recordsOf(TOPICS.verdicts));
  const ledger = outcomesInLedger(runtime.counters());
  const values = new Map(
    [TOPICS.events, TOPICS.inbox]
      .flatMap(recordsOf)
      .map((record) => [placeOf(record), Buffer.from(record.value ?? '').toString('hex')]),
  );
  await runtime.close();
  const rejected = ledger
    .filter((line) => line.includes('REJECTED'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  return { ...archived, ledger, rejected, verdicts, sourceOf: (place) => values.get(placeOf(place)) };
}

async function readClickHouse(
  dataDir: string,
): Promise<Pick<Archive, 'outcomes' | 'totals' | 'events' | 'deadLetters'>> {
  const engine = await startClickHouseEngine({ dataDir: join(dataDir, 'clickhouse') });
  if ('unavailable' in engine) throw new Error(engine.unavailable);
  const ask = async <T>(query: string): Promise<T[]> =>
    (await rowsOf(engine.url, query)).map((row) => JSON.parse(row) as T);
  try {
    const outcomes = await ask<{ line: string }>(
      `SELECT concat(inbox_partition, ' ', upper(outcome), ' ', count()) AS line FROM events
      GROUP BY inbox_partition, outcome`,
    );
    const totals = await ask<{ outcome: string; count: string }>(
      'SELECT outcome, count() AS count FROM events GROUP BY outcome',
    );
    return {
      outcomes: outcomes.map(({ line }) => line).sort(),
      totals: Object.fromEntries(totals.map(({ outcome, count }) => [outcome, Number(count)])),
      events: (await ask<Omit<EventVerdict, 'event'> & IncidentEvent>(EVENTS)).map(nested),
      deadLetters: await ask<ArchivedDeadLetter>(DEAD_LETTERS),
    };
  } finally {
    await engine.stop();
  }
}

function nested({
  outcome,
  reason,
  receivedAt,
  inboxPartition,
  inboxOffset,
  ...event
}: Omit<EventVerdict, 'event'> & IncidentEvent): EventVerdict {
  return { outcome, reason, receivedAt, inboxPartition, inboxOffset, event };
}

function placeOf({ topic, partition, offset }: Pick<ArchivedDeadLetter, 'topic' | 'partition' | 'offset'>) {
  return `${topic}[${partition}]@${offset}`;
}
