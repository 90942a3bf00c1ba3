import type { IncidentEvent } from '../schemas/generated/IncidentEvent.ts';
import { mergeSeries, seriesOf } from './events/timeline.ts';
import type { Timeline } from './events/timeline.ts';
import { brokenForms } from './faults/broken-forms.ts';
import type { RefusedBy } from './faults/broken-forms.ts';
import type { FaultOptions } from './faults/fault-options.ts';
import { arrivalCode, originOf, planArrivals } from './faults/fault-plan.ts';
import type { ArrivalPlan } from './faults/fault-plan.ts';
import { ReplayOptionsError } from './errors.ts';
import type { ReplayData } from './load/replay-data.ts';

export type ArrivalKind = 'original' | 'duplicate' | 'late' | 'broken';

/** One record as it reaches the pipeline. */
export interface Arrival {
  readonly index: number;
  /** The record's timestamp: when it came in, in the time of the data. Never falls from one arrival to the next. */
  readonly receivedAt: number;
  readonly bytes: Uint8Array;
  /** What the pipeline is to find out about it. */
  readonly kind: ArrivalKind;
  /** The event that the bytes hold; of a broken record, the one it was made from. */
  readonly event: IncidentEvent;
  /** How a broken record is broken, and who is to refuse it. */
  readonly broken?: { readonly form: string; readonly refusedBy: RefusedBy };
}

/** What was mixed into the input. The pipeline's ledger must agree, bucket by bucket. */
export interface Injected {
  readonly duplicates: number;
  readonly late: number;
  readonly broken: number;
}

export interface ArrivalSequence {
  readonly size: number;
  /** Sound events that are neither duplicates nor late: what the ledger calls applied. */
  readonly originals: number;
  readonly injected: Injected;
  /** Time of the first and of the last arrival; undefined where there is none. */
  readonly span: { readonly firstAt: number; readonly lastAt: number } | undefined;
  /** The arrivals from an index on. Whatever the start, an index is always the same arrival. */
  from(index: number): IterableIterator<Arrival>;
}

export interface ArrivalOptions extends FaultOptions {
  /** Keeps those series by name (`github`, `app1-01`, …); all of them where it is left out. */
  readonly only?: readonly string[];
  /** Ends the sequence after so many arrivals. */
  readonly limit?: number;
}

/**
 * The shipped data as it might really arrive: in one chronological order, with faults mixed in by seed. Nothing is
 * encoded until it is asked for.
 * @param encode writes an event in the wire format.
 * @throws {ReplayOptionsError} when the options cannot be kept.
 */
export function arrivalsOf(
  data: ReplayData,
  options: ArrivalOptions,
  encode: (event: IncidentEvent) => Uint8Array,
): ArrivalSequence {
  checkSeriesNames(data, options);
  return arrivalsOnTimeline(mergeSeries(seriesOf(data, options)), options, encode);
}

/** The same, of any timeline. */
export function arrivalsOnTimeline(
  timeline: Timeline,
  options: Omit<ArrivalOptions, 'only'>,
  encode: (event: IncidentEvent) => Uint8Array,
): ArrivalSequence {
  const plan = planArrivals(timeline, options);
  const size = checkedLimit(options.limit, plan.size);
  const counts = countKinds(plan, size);
  return {
    size,
    originals: counts.original,
    injected: { duplicates: counts.duplicate, late: counts.late, broken: counts.broken },
    span:
      size === 0
        ? undefined
        : { firstAt: plan.receivedAt[0] as number, lastAt: plan.receivedAt[size - 1] as number },
    *from(index) {
      for (let i = index; i < size; i++) yield arrivalAt(i, plan, timeline, options, encode);
    },
  };
}

function checkSeriesNames(data: ReplayData, { seed, only = [] }: ArrivalOptions): void {
  const names = seriesOf(data, { seed }).map((series) => series.name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new ReplayOptionsError(`only names ${unknown.join(', ')}, expected some of ${names.join(', ')}`);
}

function checkedLimit(limit: number | undefined, size: number): number {
  if (limit === undefined) return size;
  if (!Number.isInteger(limit) || limit < 0)
    throw new ReplayOptionsError(`limit is ${limit}, expected a whole number`);
  return Math.min(limit, size);
}

function arrivalAt(
  index: number,
  plan: ArrivalPlan,
  timeline: Timeline,
  options: FaultOptions,
  encode: (event: IncidentEvent) => Uint8Array,
): Arrival {
  const event = originOf(plan, index, timeline);
  const receivedAt = plan.receivedAt[index] as number;
  const code = plan.codes[index] as number;
  const form = brokenForms[code - arrivalCode.firstBroken];
  if (form === undefined) return { index, receivedAt, bytes: encode(event), kind: kindOf(code), event };
  const unseen = { ...event, id: `broken-${event.id}` };
  const bytes = form.make({ event: unseen, receivedAt, maxAheadMs: options.maxAheadMs, encode });
  return {
    index,
    receivedAt,
    bytes,
    kind: 'broken',
    event,
    broken: { form: form.name, refusedBy: form.refusedBy },
  };
}

function kindOf(code: number): ArrivalKind {
  if (code === arrivalCode.original) return 'original';
  if (code === arrivalCode.duplicate) return 'duplicate';
  return code === arrivalCode.late ? 'late' : 'broken';
}

function countKinds(plan: ArrivalPlan, size: number): Record<ArrivalKind, number> {
  const counts = { original: 0, duplicate: 0, late: 0, broken: 0 };
  for (let i = 0; i < size; i++) counts[kindOf(plan.codes[i] as number)] += 1;
  return counts;
}
