import { FROM_THE_BEGINNING, progressFrom } from '../../sinks/sink-progress.ts';
import type { OffsetRange, SinkProgress } from '../../sinks/sink-progress.ts';
import type { CommittedOffset } from '../ports.ts';

const VERSION = 1;

/** In the metadata of an offset commit: the offset itself says where the sink goes on. */
interface SinkNotes {
  readonly v: number;
  /** Of which topic of that name the offset speaks. */
  readonly epoch: number;
  /** The last record that was acknowledged. Notes of earlier versions do not say. */
  readonly last?: number;
  /** First and last offset of the batch that was begun. */
  readonly pending: readonly [number, number] | null;
}

export function encodeProgress(
  progress: SinkProgress,
  topicEpoch: number,
): { offset: number; metadata: string } {
  const { nextOffset, lastOffset, pending } = progress;
  const notes: SinkNotes = {
    v: VERSION,
    epoch: topicEpoch,
    last: lastOffset,
    pending: pending === null ? null : [pending.firstOffset, pending.lastOffset],
  };
  return { offset: nextOffset, metadata: JSON.stringify(notes) };
}

/**
 * An offset that was committed by something else, such as a tool that resets a group, counts as it is. One of an
 * earlier topic of the same name says nothing about this one.
 */
export function decodeProgress(
  { offset, metadata }: Pick<CommittedOffset, 'offset' | 'metadata'>,
  topicEpoch: number,
): SinkProgress {
  const notes = notesOf(metadata);
  if (notes === undefined) return progressFrom(offset);
  if (notes.epoch !== topicEpoch) return FROM_THE_BEGINNING;
  return { nextOffset: offset, lastOffset: notes.last ?? offset - 1, pending: rangeOf(notes.pending) };
}

function rangeOf(pending: SinkNotes['pending']): OffsetRange | null {
  return pending === null ? null : { firstOffset: pending[0], lastOffset: pending[1] };
}

function notesOf(metadata: string): SinkNotes | undefined {
  try {
    const notes = JSON.parse(metadata) as SinkNotes | null;
    return notes?.v === VERSION ? notes : undefined;
  } catch {
    return undefined;
  }
}
