/** How far a sink has come in one partition. */
export interface SinkProgress {
  /** The offset from which it goes on. */
  readonly nextOffset: number;
  /** Of the last record whose effect is acknowledged, -1 before the first: between it and `nextOffset` there is none. */
  readonly lastOffset: number;
  /** The range that was handed to the connector and not yet acknowledged: it is delivered again as it was. */
  readonly pending: OffsetRange | null;
}

/** Both ends belong to it. */
export interface OffsetRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Of a place about which nothing else is known. */
export function progressFrom(nextOffset: number): SinkProgress {
  return { nextOffset, lastOffset: nextOffset - 1, pending: null };
}

export const FROM_THE_BEGINNING = progressFrom(0);
