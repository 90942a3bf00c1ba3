import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord } from '@incident-streams/streams';
import type { Serdes } from '../../../../schemas/serdes.ts';
import { isUnreadable } from '../../comparing/decoded.ts';
import { differenceOf } from '../../comparing/show-difference.ts';
import { NOTHING } from '../../finding.ts';
import type { Difference, Finder } from '../../finding.ts';
import type { ArchivedTopic, ExpectedRow } from './archived-topics.ts';
import type { FoundRow, History, RowRange } from './history.ts';

/** What differs is asked for again after so long, once. */
const LOOK_AGAIN_AFTER_MS = 1_000;

/** Compares the rows of one partition with its records, portion by portion. */
export class RowComparison {
  readonly #archived: ArchivedTopic;
  readonly #history: History;
  readonly #finder: Finder;
  readonly #forgets: boolean;
  #hasSeenRow = false;

  constructor(
    archived: ArchivedTopic,
    options: { readonly history: History; readonly finder: Finder; readonly forgets: boolean },
  ) {
    this.#archived = archived;
    this.#history = options.history;
    this.#finder = options.finder;
    this.#forgets = options.forgets;
  }

  /** The range holds exactly these records. */
  async compare(
    place: string,
    records: readonly LogRecord[],
    range: RowRange,
    serdes: Serdes,
  ): Promise<void> {
    if (range.from >= range.to) return;
    const expected = this.#expectedOf(place, records, serdes);
    let differences = await this.#differences(place, expected, range);
    if (differences.length > 0) {
      await sleep(LOOK_AGAIN_AFTER_MS);
      differences = await this.#differences(place, expected, range);
    }
    for (const difference of differences) this.#finder.differ(difference);
  }

  #expectedOf(
    place: string,
    records: readonly LogRecord[],
    serdes: Serdes,
  ): ReadonlyMap<number, ExpectedRow> {
    const expected = new Map<number, ExpectedRow>();
    for (const record of records) {
      const row = this.#archived.rowOf(record, serdes);
      if (row === null) continue;
      if (isUnreadable(row)) this.#finder.couldNotCheck(`${place}@${record.offset}: ${row.unreadable}`);
      else expected.set(record.offset, row);
    }
    return expected;
  }

  async #differences(
    place: string,
    expected: ReadonlyMap<number, ExpectedRow>,
    range: RowRange,
  ): Promise<readonly Difference[]> {
    const [first] = expected.values();
    const found = await this.#history.rows(range, Object.keys(first ?? {}), this.#archived.kinds);
    const rows = new Map(found.map((row) => [row.offset, row]));
    const differences: Difference[] = [];
    for (const [offset, row] of expected) {
      const difference = this.#compareRow(row, rows.get(offset), range);
      if (difference !== undefined)
        differences.push({ at: `${range.table} ${place}@${offset}`, ...difference });
    }
    for (const { offset } of found) {
      if (expected.has(offset)) continue;
      differences.push({ at: `${range.table} ${place}@${offset}`, expected: NOTHING, found: 'a row' });
    }
    return differences;
  }

  #compareRow(
    expected: ExpectedRow,
    found: FoundRow | undefined,
    { table }: RowRange,
  ): Omit<Difference, 'at'> | undefined {
    if (found !== undefined) {
      this.#hasSeenRow = true;
      return differenceOf(withTextualNumbers(expected), withTextualNumbers(found.columns));
    }
    if (this.#forgets && !this.#hasSeenRow) {
      this.#finder.couldNotCheck(`${table} deletes old rows: its first ones may have been`);
      return undefined;
    }
    return { expected: summaryOf(expected), found: NOTHING };
  }
}

/** ClickHouse sends large numbers as text. */
function withTextualNumbers(row: ExpectedRow): ExpectedRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]),
  );
}

/** The first columns name what a row is about. */
function summaryOf(row: ExpectedRow): string {
  return Object.entries(row)
    .slice(0, 4)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
