import type { SinkSource } from '@incident-streams/streams';
import { RedisDataLostError, RedisOtherTopicError } from './redis-errors.ts';

/** A partition of the sink's topic, and where Redis says whose it is. */
export interface PlaceOfPartition {
  readonly source: SinkSource;
  readonly partition: number;
  readonly key: string;
}

export function otherTopic({ source, key }: PlaceOfPartition, holder: string): RedisOtherTopicError {
  return new RedisOtherTopicError(
    `${key} belongs to ${holder}, not to ${source.topic} first seen at ${describeTime(source.topicEpoch)}: ` +
      'give each pipeline its own prefix, or delete the keys of the one that is gone',
  );
}

export function lost(
  { source, partition }: PlaceOfPartition,
  { applied, confirmed }: { readonly applied: number; readonly confirmed: number },
): RedisDataLostError {
  return new RedisDataLostError(
    `${source.topic}[${partition}]: Redis holds offsets up to ${applied}, but had confirmed ${confirmed}: ` +
      'it lost writes or was told to rebuild, restore them from there',
  );
}

/** Of a snapshot that only a part was written of. */
export function halfWritten({ source, partition }: PlaceOfPartition): RedisDataLostError {
  return new RedisDataLostError(
    `${source.topic}[${partition}]: a snapshot was begun and never finished: ask for the mark and restore from there`,
  );
}

/** Of a snapshot that is being written. */
export function superseded({ source, partition }: PlaceOfPartition): RedisDataLostError {
  return new RedisDataLostError(
    `${source.topic}[${partition}]: Redis was emptied while a snapshot was written, or another process has begun one`,
  );
}

export function describeTime(epochMs: string | number | undefined): string {
  const time = new Date(Number(epochMs));
  return Number.isNaN(time.getTime()) ? String(epochMs) : time.toISOString();
}
