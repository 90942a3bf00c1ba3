/** How far a sink has come in one partition. */
export interface SinkProgress {
  /** The offset after the last one whose effect is acknowledged. */
  readonly nextOffset: number;
  /** The range that was handed to the connector and not yet acknowledged: it is delivered again as it was. */
  readonly pending: OffsetRange | null;
}

/** Both ends belong to it. */
export interface OffsetRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

export const FROM_THE_BEGINNING: SinkProgress = { nextOffset: 0, pending: null };
