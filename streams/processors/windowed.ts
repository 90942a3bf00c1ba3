/** A key together with the window that a result belongs to: from `startMs` up to, not including, `endMs`. */
export interface Windowed<K> {
  readonly key: K;
  readonly startMs: number;
  readonly endMs: number;
}

/** Windows of one size that follow one another without gap or overlap, aligned to the epoch. */
export interface TumblingWindows {
  readonly sizeMs: number;
  /** How long after its end a window still takes records, in stream time. */
  readonly graceMs: number;
}

/**
 * `on-update`: each change is passed on. `on-commit`: the last change of each key before a commit, as Kafka Streams does
 * where caching is on (KIP-63): how many lie in between depends on the rhythm of commits, the last of a key does not.
 */
export type UpdateStrategy = 'on-update' | 'on-commit';

/** For windows also `on-window-close`: the final result alone, once. */
export type EmitStrategy = UpdateStrategy | 'on-window-close';
