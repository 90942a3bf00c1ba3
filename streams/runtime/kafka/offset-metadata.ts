import type { TaskProgress } from '../task/ports.ts';
import { KafkaRefusedError } from './errors.ts';

/** `offset.metadata.max.bytes`, the broker's default. */
const MAX_BYTES = 4_096;
const VERSION = 1;

/** What of a task's progress the offsets themselves do not say. */
export type ProgressNotes = Omit<TaskProgress, 'nextOffsets'>;

interface StoredNotes {
  readonly v: number;
  readonly time: number;
  readonly counters: ProgressNotes['counters'];
  readonly rebuild?: ProgressNotes['rebuildNotes'];
}

/**
 * A task's stream time, counters and notes as the metadata of an offset commit: they change in the same transaction.
 * @throws {KafkaRefusedError} when they are too long for it
 */
export function encodeNotes({ streamTimeMs, counters, rebuildNotes }: ProgressNotes, task: string): string {
  const stored: StoredNotes = {
    v: VERSION,
    time: streamTimeMs,
    counters,
    ...(rebuildNotes === undefined || Object.keys(rebuildNotes).length === 0
      ? {}
      : { rebuild: rebuildNotes }),
  };
  const text = JSON.stringify(stored);
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new KafkaRefusedError(
      `the counters and notes of task ${task} take ${Buffer.byteLength(text)} bytes, and an offset commit holds ${MAX_BYTES}: use fewer counters`,
    );
  }
  return text;
}

/** Undefined where the offset was committed by something else: nothing is known besides the offset then. */
export function decodeNotes(metadata: string): ProgressNotes | undefined {
  try {
    const stored = JSON.parse(metadata) as StoredNotes;
    if (stored.v !== VERSION) return undefined;
    return { streamTimeMs: stored.time, counters: stored.counters, rebuildNotes: stored.rebuild ?? {} };
  } catch {
    return undefined;
  }
}
