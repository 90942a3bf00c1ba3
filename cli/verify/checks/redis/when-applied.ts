import { TOPICS } from '../../../../topology/topics.ts';
import type { Finder } from '../../finding.ts';
import { nameOf } from '../../reading/topic-reader.ts';
import type { VerifyParts } from '../../verify-parts.ts';
import type { Mark, RedisPartition } from './redis-partition.ts';

/** Where the records of a partition that Redis has not applied end, and how many there are. */
interface Waiting {
  readonly records: number;
  readonly lastOffset: number;
}

/**
 * Waits until Redis has applied what the partition holds, for as long as may be waited; what is left then is said.
 * Undefined where what is there is not made from this topic.
 */
export async function whenApplied(
  parts: VerifyParts,
  redis: RedisPartition,
  options: { readonly partition: number; readonly topicEpoch: number; readonly finders: readonly Finder[] },
): Promise<Mark | undefined> {
  const { partition, topicEpoch, finders } = options;
  const couldNotCheck = (reason: string): void => finders.forEach((finder) => finder.couldNotCheck(reason));
  const place = parts.place(TOPICS.transitions, partition);
  const isOurs = (mark: Mark): boolean => mark.topicEpoch === topicEpoch;
  const first = await redis.mark();
  const { start, end } = await parts.range(place);
  if (isOurs(first) && first.offset >= end) {
    finders[0]?.differ({
      at: `${redis.keys.applied} offset`,
      expected: `less than ${end}, where ${nameOf(place)} ends`,
      found: String(first.offset),
    });
    return undefined;
  }
  const from = isOurs(first) ? Math.max(start, first.offset + 1) : start;
  const waiting = await waitingIn(parts, place, { from, to: end });
  const mark = await parts.deadline.until(
    () => redis.mark(),
    (now) => isOurs(now) && now.offset >= waiting.lastOffset && !now.isBeingRestored,
  );
  if (mark.topicEpoch !== null && !isOurs(mark)) {
    couldNotCheck(
      `${redis.keys.applied} belongs to ${mark.topic} of ${new Date(mark.topicEpoch).toISOString()}, and the topic is that of ${new Date(topicEpoch).toISOString()}`,
    );
    return undefined;
  }
  if (mark.offset < waiting.lastOffset) {
    const { records } = await waitingIn(parts, place, { from: Math.max(start, mark.offset + 1), to: end });
    couldNotCheck(`Redis is ${records} transitions behind ${nameOf(place)}, at offset ${mark.offset}`);
  }
  if (!mark.isBeingRestored) return mark;
  couldNotCheck(`Redis is being restored: ${redis.keys.applied} says how far it is`);
  return undefined;
}

async function waitingIn(
  parts: VerifyParts,
  place: Parameters<VerifyParts['read']>[0],
  range: { readonly from: number; readonly to: number },
): Promise<Waiting> {
  let waiting: Waiting = { records: 0, lastOffset: -1 };
  for await (const records of parts.read(place, range))
    waiting = {
      records: waiting.records + records.length,
      lastOffset: records.at(-1)?.offset ?? waiting.lastOffset,
    };
  return waiting;
}
