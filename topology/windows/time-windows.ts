/** Start of the window of width `windowMs` that holds `time`; windows are aligned to the epoch. */
export function windowStartOf(time: number, windowMs: number): number {
  return time - (time % windowMs);
}

/**
 * The stream time at which a window becomes final: no event that it would hold is accepted any more, because the
 * gate calls events late that lie more than `graceMs` behind stream time.
 */
export function windowClosesAt(windowEnd: number, graceMs: number): number {
  return windowEnd + graceMs;
}

/** Key of a window's record: the correlation key, then when the window starts. */
export function windowKeyOf(window: {
  readonly correlationKey: string;
  readonly windowStart: number;
}): string {
  return `${window.correlationKey}@${window.windowStart}`;
}
