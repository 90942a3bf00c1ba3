import { eventAt, seriesAt } from '../events/timeline.ts';
import type { Timeline } from '../events/timeline.ts';
import { createRandom, seedFrom } from '../random.ts';
import type { Random } from '../random.ts';
import { brokenForms } from './broken-forms.ts';
import { checkFaultOptions, lateMarginMs, longestDelayMs } from './fault-options.ts';
import type { FaultOptions } from './fault-options.ts';

/**
 * What an arrival is: an original, a duplicate, a late event, or from `firstBroken` on a broken record whose form is
 * `brokenForms[code - firstBroken]`.
 */
export const arrivalCode = Object.freeze({ original: 0, duplicate: 1, late: 2, firstBroken: 3 });

/**
 * Every arrival in order: when, of which event of the timeline, and as what. Thirteen bytes each.
 *
 * What holds, and why the pipeline's verdict on each arrival is known here:
 * 1. A record arrives no earlier than its event's time. So stream time, in whatever partition, never passes the
 *    time of arrival.
 * 2. Originals and duplicates arrive within half the grace and half the memory for ids. By 1 they are never late, and
 *    a duplicate's first sighting is never forgotten. A duplicate arrives strictly after its original.
 * 3. A late event has one copy, with an id of its own. It arrives strictly after a witness: an original of the same series
 *    and so the same correlation key and partition, whose time is beyond the late event's by more than the grace.
 * 4. Broken records carry ids that occur nowhere else. They are rejected, so they move no stream time.
 */
export interface ArrivalPlan {
  readonly size: number;
  readonly receivedAt: Float64Array;
  readonly originals: Uint32Array;
  readonly codes: Uint8Array;
}

/** @throws {ReplayOptionsError} when the options cannot be kept. */
export function planArrivals(timeline: Timeline, options: FaultOptions): ArrivalPlan {
  checkFaultOptions(options);
  const random = createRandom(seedFrom(options.seed, 'faults'));
  const held = markHeldBack(timeline, options, createRandom(seedFrom(options.seed, 'late')));
  const onTime = new Uint8Array(timeline.size).fill(1);
  const extras = new ExtraArrivals();
  for (let i = 0; i < timeline.size; i++) {
    const time = timeline.times[i] as number;
    const lateAt = held[i] === 1 ? lateArrivalOf(i, timeline, held, options, random) : undefined;
    if (lateAt !== undefined) {
      onTime[i] = 0;
      extras.add(lateAt, i, arrivalCode.late);
    } else {
      const arrivedAt = time + drawDelay(options.disorderRatio, options, random);
      if (arrivedAt > time) {
        onTime[i] = 0;
        extras.add(arrivedAt, i, arrivalCode.original);
      }
      const repeatedAfterMs = drawDelay(options.duplicateRatio, options, random);
      if (repeatedAfterMs > 0) extras.add(arrivedAt + repeatedAfterMs, i, arrivalCode.duplicate);
    }
    if (random() < options.brokenRatio) extras.addBroken(time, i);
  }
  return mergeArrivals(timeline, onTime, extras);
}

/** 0, or with the given chance a whole number of milliseconds from 1 to the longest delay. */
function drawDelay(ratio: number, options: FaultOptions, random: Random): number {
  return random() < ratio ? 1 + Math.floor(random() * longestDelayMs(options)) : 0;
}

/** Draws who is to be late before anybody's arrival is decided: a late event is no witness for another. */
function markHeldBack(timeline: Timeline, options: FaultOptions, random: Random): Uint8Array {
  const held = new Uint8Array(timeline.size);
  for (let i = 0; i < timeline.size; i++) {
    if (random() < options.lateRatio && seriesAt(timeline, i).mayBeLate) held[i] = 1;
  }
  return held;
}

/** When a held back event arrives: after its witness, see 3. Undefined near the end of a series, where there is none. */
function lateArrivalOf(
  index: number,
  timeline: Timeline,
  held: Uint8Array,
  options: FaultOptions,
  random: Random,
): number | undefined {
  const beyondGraceMs = options.graceMs + lateMarginMs(options) * (1 + random());
  const witness = nextWitness(index, (timeline.times[index] as number) + beyondGraceMs, timeline, held);
  if (witness === undefined) return undefined;
  // However long the witness itself was held up, it has arrived by then.
  return (timeline.times[witness] as number) + longestDelayMs(options) + 1 + Math.floor(random() * 1_000);
}

function nextWitness(
  index: number,
  notBefore: number,
  timeline: Timeline,
  held: Uint8Array,
): number | undefined {
  const series = timeline.seriesOf[index];
  for (let i = firstAtOrAfter(timeline.times, notBefore); i < timeline.size; i++) {
    if (timeline.seriesOf[i] === series && held[i] === 0) return i;
  }
  return undefined;
}

function firstAtOrAfter(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Arrivals other than an original at its own time. Few, so plain arrays will do. */
class ExtraArrivals {
  readonly receivedAt: number[] = [];
  readonly originals: number[] = [];
  readonly codes: number[] = [];
  #broken = 0;

  add(receivedAt: number, original: number, code: number): void {
    this.receivedAt.push(receivedAt);
    this.originals.push(original);
    this.codes.push(code);
  }

  /** The forms take turns, so that even a short run meets each. */
  addBroken(receivedAt: number, original: number): void {
    this.add(receivedAt, original, arrivalCode.firstBroken + (this.#broken++ % brokenForms.length));
  }

  /** Positions by time of arrival; equal ones keep the order in which they were added. */
  inOrder(): number[] {
    return [...this.receivedAt.keys()].sort(
      (a, b) => (this.receivedAt[a] as number) - (this.receivedAt[b] as number) || a - b,
    );
  }
}

/** Originals on time are in order already; the extras are sorted in. At equal times the original comes first. */
function mergeArrivals(timeline: Timeline, onTime: Uint8Array, extras: ExtraArrivals): ArrivalPlan {
  const order = extras.inOrder();
  const size = onTime.reduce((sum, each) => sum + each, order.length);
  const plan = {
    size,
    receivedAt: new Float64Array(size),
    originals: new Uint32Array(size),
    codes: new Uint8Array(size),
  };
  let next = 0;
  let nextExtra = 0;
  const place = (receivedAt: number, original: number, code: number): void => {
    plan.receivedAt[next] = receivedAt;
    plan.originals[next] = original;
    plan.codes[next] = code;
    next += 1;
  };
  const placeExtrasBefore = (time: number): void => {
    for (; nextExtra < order.length; nextExtra++) {
      const extra = order[nextExtra] as number;
      if ((extras.receivedAt[extra] as number) >= time) return;
      place(
        extras.receivedAt[extra] as number,
        extras.originals[extra] as number,
        extras.codes[extra] as number,
      );
    }
  };
  for (let i = 0; i < timeline.size; i++) {
    if (onTime[i] === 0) continue;
    const time = timeline.times[i] as number;
    placeExtrasBefore(time);
    place(time, i, arrivalCode.original);
  }
  placeExtrasBefore(Number.POSITIVE_INFINITY);
  return plan;
}

/** The event of the timeline that an arrival goes back to; a broken record was made from it. */
export function originOf(plan: ArrivalPlan, index: number, timeline: Timeline): ReturnType<typeof eventAt> {
  return eventAt(timeline, plan.originals[index] as number);
}
