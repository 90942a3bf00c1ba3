import { alertOf } from '../../../../schemas/alert.ts';
import { TOPICS } from '../../../../topology/topics.ts';
import { confirmed } from '../../comparing/confirmed.ts';
import { decoded, isUnreadable } from '../../comparing/decoded.ts';
import { canonicalJson, differenceOf } from '../../comparing/show-difference.ts';
import { NOTHING } from '../../finding.ts';
import type { Difference, Finder } from '../../finding.ts';
import type { VerifyParts } from '../../verify-parts.ts';
import { AlertCursor } from './alert-cursor.ts';
import type { Mark, RedisPartition } from './redis-partition.ts';

/** A stream shorter than this has never been trimmed: the sink keeps about so many alerts, and never fewer. */
const KEPT_ENTRIES = 100_000;

export interface AlertCheck {
  readonly partition: number;
  readonly topicEpoch: number;
  /** Nothing behind it is looked at. */
  readonly mark: Mark;
  readonly finder: Finder;
}

/** The alerts of the transitions against the stream, entry by entry, as far back as both go. Returns how many. */
export async function checkAlerts(
  parts: VerifyParts,
  redis: RedisPartition,
  check: AlertCheck,
): Promise<number> {
  let compared = 0;
  const compare = async (): Promise<readonly Difference[]> => {
    const result = await compareStream(parts, redis, check);
    compared = result.compared;
    return result.differences;
  };
  const { differences, moving } = await confirmed(compare, parts.deadline);
  for (const difference of differences) check.finder.differ(difference);
  if (moving.length > 0)
    check.finder.couldNotCheck(`the stream ${redis.keys.alerts} changed while it was read`);
  return compared;
}

async function compareStream(
  parts: VerifyParts,
  redis: RedisPartition,
  { partition, topicEpoch, mark }: AlertCheck,
): Promise<{ readonly compared: number; readonly differences: readonly Difference[] }> {
  const place = parts.place(TOPICS.transitions, partition);
  const { start } = await parts.range(place);
  const idOf = (offset: number): string => `${topicEpoch}-${offset}`;
  const entries = new AlertCursor(redis, { fromId: idOf(start), toId: idOf(Math.max(0, mark.offset)) });
  const isTrimmed = (await redis.streamLength()) >= KEPT_ENTRIES;
  const first = await entries.peek();
  const from = isTrimmed && first !== undefined ? Math.max(start, first.offset) : start;
  const differences: Difference[] = [];
  const differ = (offset: number, expected: string, found: string): void =>
    void differences.push({ at: `${redis.keys.alerts} ${idOf(offset)}`, expected, found });
  let compared = 0;
  for await (const records of parts.read(place, { from, to: mark.offset + 1 })) {
    for (const record of records) {
      const transition = decoded(record, parts.sources.serdes.incidentTransition);
      const alert = transition === null || isUnreadable(transition) ? null : alertOf(transition);
      for (let entry = await entries.peek(); entry !== undefined && entry.offset < record.offset;) {
        differ(entry.offset, NOTHING, entry.alert ?? 'an entry without an alert');
        entries.skip();
        entry = await entries.peek();
      }
      const entry = await entries.peek();
      const isThere = entry?.offset === record.offset;
      if (isThere) entries.skip();
      if (alert === null && !isThere) continue;
      compared += 1;
      const expected = alert && { ...alert, stream: { partition, id: idOf(record.offset) } };
      const found: unknown = isThere ? parsed(entry.alert) : null;
      if (canonicalJson(expected) === canonicalJson(found)) continue;
      const both = expected === null || found === null ? undefined : differenceOf(expected, found);
      differ(
        record.offset,
        both?.expected ?? (alert === null ? NOTHING : `${alert.type} ${alert.id}`),
        both?.found ?? (isThere ? (entry.alert ?? NOTHING) : NOTHING),
      );
    }
  }
  for (let entry = await entries.peek(); entry !== undefined; entry = await entries.peek()) {
    differ(entry.offset, NOTHING, entry.alert ?? 'an entry without an alert');
    entries.skip();
  }
  return { compared, differences };
}

function parsed(json: string | null): unknown {
  try {
    return json === null ? null : JSON.parse(json);
  } catch {
    return json;
  }
}
