import { TOPICS } from '../../topology/topics.ts';
import type { Pipeline } from './pipeline.ts';

/** When the newest entry of the inbox was received, in milliseconds since the epoch; 0 where there is none. */
export function newestInInbox({ runtime }: Pipeline): number {
  let newest = 0;
  for (let partition = 0; partition < runtime.partitionsOf(TOPICS.inbox); partition++) {
    const last = runtime.endOffset(TOPICS.inbox, partition) - 1;
    for (const { timestamp } of runtime.records(TOPICS.inbox, partition, last))
      newest = Math.max(newest, timestamp);
  }
  return newest;
}
