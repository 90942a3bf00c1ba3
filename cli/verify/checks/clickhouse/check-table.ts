import type { LogRecord } from '@incident-streams/streams';
import { readSinkPositions } from '@incident-streams/streams/kafka';
import type { SinkPositions } from '@incident-streams/streams/kafka';
import type { Finder } from '../../finding.ts';
import { CannotCheckError } from '../../errors.ts';
import { nameOf } from '../../reading/topic-reader.ts';
import type { VerifyParts } from '../../verify-parts.ts';
import type { ArchivedTopic } from './archived-topics.ts';
import { RowComparison } from './compare-rows.ts';
import type { History, RowRange } from './history.ts';

/** So many records are compared with one query. */
const RECORDS_A_QUERY = 5_000;
/** Rows behind the end of their topic that are looked at. */
const MAX_BEYOND = 100;

export interface TableCheck {
  readonly history: History;
  readonly finder: Finder;
}

/** Returns what was compared, for people. */
export async function checkTable(
  parts: VerifyParts,
  archived: ArchivedTopic,
  check: TableCheck,
): Promise<string> {
  const facts = parts.topic(archived.topic);
  const forgets = await check.history.forgets(archived.table);
  let records = 0;
  for (let partition = 0; partition < facts.partitions; partition++) {
    const { start, end } = await parts.range(parts.place(archived.topic, partition));
    const positions = await positionsOf(parts, archived, { partition, end });
    const written = Math.min(end, positions.nextOffsets[partition] ?? 0);
    if (written < end)
      check.finder.couldNotCheck(
        `${archived.connector} is ${end - written} offsets behind in ${facts.name}[${partition}], from ${written} on`,
      );
    const { table, topic } = archived;
    const range: RowRange = {
      table,
      topic,
      topicEpoch: positions.topicEpoch,
      partition,
      from: start,
      to: written,
    };
    const comparison = new RowComparison(archived, { ...check, forgets });
    records += await comparePartition(parts, range, comparison);
    await checkBeyond(parts, { ...range, from: written, to: Number.MAX_SAFE_INTEGER }, check);
    if (partition > 0) continue;
    const strays = await check.history.rowsInPartitionsFrom({ ...range, partition: facts.partitions });
    if (strays > 0)
      check.finder.differ({
        at: `${table}, partitions from ${facts.partitions} on`,
        expected: 'no rows',
        found: `${strays} rows`,
      });
  }
  return `rows for ${records} records of ${archived.topic}`;
}

/** Waits until the sink has written what the partition holds, for as long as may be waited. */
async function positionsOf(
  parts: VerifyParts,
  { topic, connector }: ArchivedTopic,
  { partition, end }: { readonly partition: number; readonly end: number },
): Promise<SinkPositions> {
  const { cluster, config, limits } = parts.sources;
  const facts = parts.topic(topic);
  const positions = await parts.deadline.until(
    () =>
      readSinkPositions({
        cluster,
        applicationId: config.applicationId,
        connector,
        facts,
        until: AbortSignal.timeout(limits.timeoutMs),
      }),
    (known) => (known?.nextOffsets[partition] ?? -1) >= end,
  );
  if (positions !== undefined) return positions;
  throw new CannotCheckError(`the sink ${connector} has never run on ${facts.name}`);
}

async function comparePartition(
  parts: VerifyParts,
  range: RowRange,
  comparison: RowComparison,
): Promise<number> {
  const place = parts.place(range.topic, range.partition);
  let [count, from] = [0, range.from];
  let portion: LogRecord[] = [];
  const compare = async (to: number): Promise<void> => {
    await comparison.compare(nameOf(place), portion, { ...range, from, to }, parts.sources.serdes);
    count += portion.length;
    [portion, from] = [[], to];
  };
  for await (const records of parts.read(place, { from: range.from, to: range.to })) {
    for (const record of records) portion.push(record);
    if (portion.length >= RECORDS_A_QUERY) await compare((portion.at(-1)?.offset ?? from) + 1);
  }
  await compare(range.to);
  return count;
}

/** Rows of records that are not there yet. What the sink writes at this moment is. */
async function checkBeyond(
  parts: VerifyParts,
  range: RowRange,
  { history, finder }: TableCheck,
): Promise<void> {
  const offsets = await history.offsets(range, MAX_BEYOND);
  if (offsets.length === 0) return;
  const { end } = await parts.range(parts.place(range.topic, range.partition));
  for (const offset of offsets) {
    if (offset < end) continue;
    const at = `${range.table} ${range.topic}[${range.partition}]@${offset}`;
    finder.differ({ at, expected: 'no row: the topic ends before it', found: 'a row' });
  }
}
