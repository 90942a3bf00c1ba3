import { ReplayOptionsError } from '../errors.ts';

/** What goes wrong on the way, and the rules of the pipeline that it goes wrong against. Ratios are of all originals. */
export interface FaultOptions {
  /** Decides every draw: the same seed, the same faults. */
  readonly seed: number;
  /** The longest grace of any rule: an event further behind its partition's stream time than this is late. */
  readonly graceMs: number;
  /** How long, in event time, the pipeline remembers an id. */
  readonly dedupeWithinMs: number;
  /** How far an event's time may lie beyond its receipt before the pipeline rejects it. */
  readonly maxAheadMs: number;
  /** Events that arrive a second time, a little later. */
  readonly duplicateRatio: number;
  /** Events that are held up on their way and so overtaken by others, but not for so long that they are late. */
  readonly disorderRatio: number;
  /** Events that are held up for longer than the grace. */
  readonly lateRatio: number;
  /** Records on top of the events that nobody can make sense of. */
  readonly brokenRatio: number;
}

export const defaultFaults: Omit<FaultOptions, 'graceMs' | 'dedupeWithinMs' | 'maxAheadMs'> = Object.freeze({
  seed: 1,
  duplicateRatio: 0.05,
  disorderRatio: 0.05,
  lateRatio: 0.002,
  brokenRatio: 0.0005,
});

/** No faults at all. */
export const noFaults = Object.freeze({ duplicateRatio: 0, disorderRatio: 0, lateRatio: 0, brokenRatio: 0 });

/** @throws {ReplayOptionsError} naming the option that cannot be kept. */
export function checkFaultOptions(options: FaultOptions): void {
  for (const name of ['duplicateRatio', 'disorderRatio', 'lateRatio', 'brokenRatio'] as const) {
    const ratio = options[name];
    if (!(ratio >= 0 && ratio <= 1)) throw new ReplayOptionsError(`${name} is ${ratio}, expected 0 to 1`);
  }
  for (const name of ['graceMs', 'dedupeWithinMs', 'maxAheadMs'] as const) {
    if (!(options[name] >= 0))
      throw new ReplayOptionsError(`${name} is ${options[name]}, expected 0 or more`);
  }
  const delays = options.duplicateRatio > 0 || options.disorderRatio > 0;
  if (delays && longestDelayMs(options) < 1) {
    throw new ReplayOptionsError(
      `graceMs ${options.graceMs} and dedupeWithinMs ${options.dedupeWithinMs} leave no room for a delay that is not late`,
    );
  }
}

/**
 * The longest that one cause may hold an event up. Two of them may add up (a duplicate of a delayed event): half of
 * the tighter bound then still keeps the event well within the grace and its id well within memory.
 */
export function longestDelayMs(options: FaultOptions): number {
  return Math.floor(Math.min(options.graceMs, options.dedupeWithinMs) / 4);
}

/** How far beyond the grace a late event lies at the least, so that no rounding decides what it is. */
export function lateMarginMs(options: FaultOptions): number {
  return Math.max(60_000, Math.floor(options.graceMs / 2));
}
