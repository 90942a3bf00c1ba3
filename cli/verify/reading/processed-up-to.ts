import { committedOffsets } from '@incident-streams/streams/kafka';
import type { TopicPartition } from '@incident-streams/streams/kafka';
import type { Finder } from '../finding.ts';
import type { VerifyParts } from '../verify-parts.ts';
import { nameOf } from './topic-reader.ts';

/**
 * Up to which offset of the inbox everything has been processed. What lies there now is waited for; where the time for
 * that is over, the finder hears how much is left.
 */
export async function processedUpTo(
  parts: VerifyParts,
  inbox: TopicPartition,
  finder: Finder,
): Promise<number> {
  const { cluster, config } = parts.sources;
  const { start, end } = await parts.range(inbox);
  const ask = async (): Promise<number> => {
    const [committed] = await committedOffsets(cluster, config.applicationId, [inbox]);
    return committed?.offset ?? start;
  };
  const processed = await parts.deadline.until(ask, (offset) => offset >= end);
  if (processed < end)
    finder.couldNotCheck(
      `${nameOf(inbox)}: ${end - processed} offsets wait to be processed, from ${processed} on`,
    );
  return processed;
}
