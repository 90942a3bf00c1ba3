import type { KafkaAdmin, TopicPartition } from '@incident-streams/streams/kafka';
import { CannotCheckError } from '../errors.ts';
import type { Deadline } from './deadline.ts';
import { nameOf } from './topic-reader.ts';

export interface SettledRange {
  readonly start: number;
  /** Everything that had been written when it was asked for lies before it, and is decided: committed or aborted. */
  readonly end: number;
}

/**
 * What a partition holds, once the transactions that are open now have ended. Markers of one commit reach the
 * partitions it wrote to one after the other; whoever has seen one of them finds the rest within such a range.
 * @throws {CannotCheckError} when a transaction stays open for too long
 */
export async function settledRange(
  admin: KafkaAdmin,
  place: TopicPartition,
  deadline: Deadline,
): Promise<SettledRange> {
  const { highWatermark } = await admin.offsetRange(place);
  const { start, end } = await deadline.until(
    () => admin.offsetRange(place),
    (range) => range.end >= highWatermark,
  );
  if (end >= highWatermark) return { start, end };
  throw new CannotCheckError(`${nameOf(place)}: a transaction has been open at offset ${end} for too long`);
}
