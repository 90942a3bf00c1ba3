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

/** `on-update`: each change of a window is passed on. `on-window-close`: the final result alone, once. */
export type EmitStrategy = 'on-update' | 'on-window-close';
