import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { ReplayData } from '../load/replay-data.ts';
import { crashEvents } from './crash-events.ts';
import type { EventSeries } from './event-series.ts';
import { githubEvents } from './github-events.ts';
import { latencyEvents } from './latency-events.ts';

/**
 * All upstreams in one chronological order, as if nothing ever went wrong on the way. Thirteen bytes an event: which
 * series, which position in it, and when. Equal times keep the order of the series.
 */
export interface Timeline {
  readonly series: readonly EventSeries[];
  readonly size: number;
  readonly times: Float64Array;
  readonly seriesOf: Uint8Array;
  readonly positions: Uint32Array;
}

/** Every upstream of the shipped data. `only` keeps those series by name. */
export function seriesOf(
  data: ReplayData,
  options: { seed: number; only?: readonly string[] },
): EventSeries[] {
  const all = [
    ...data.latencies.map(latencyEvents),
    ...data.crashes.map((series) => crashEvents(series, options.seed)),
    githubEvents(data.github),
  ];
  return options.only === undefined ? all : all.filter((series) => options.only?.includes(series.name));
}

/** Merges series that are each in order. */
export function mergeSeries(series: readonly EventSeries[]): Timeline {
  const size = series.reduce((sum, each) => sum + each.size, 0);
  const times = new Float64Array(size);
  const from = new Uint8Array(size);
  const positions = new Uint32Array(size);
  const cursors = series.map(() => 0);
  const heads = series.map((each) => headTime(each, 0));
  for (let i = 0; i < size; i++) {
    const earliest = indexOfLeast(heads);
    const position = cursors[earliest] as number;
    times[i] = heads[earliest] as number;
    from[i] = earliest;
    positions[i] = position;
    cursors[earliest] = position + 1;
    heads[earliest] = headTime(series[earliest] as EventSeries, position + 1);
  }
  return { series, size, times, seriesOf: from, positions };
}

export function eventAt(timeline: Timeline, index: number): IncidentEvent {
  return seriesAt(timeline, index).eventAt(timeline.positions[index] as number);
}

export function seriesAt(timeline: Timeline, index: number): EventSeries {
  const series = timeline.series[timeline.seriesOf[index] ?? -1];
  if (series === undefined)
    throw new RangeError(`The timeline has ${timeline.size} events, none at ${index}`);
  return series;
}

function headTime(series: EventSeries, position: number): number {
  return position < series.size ? series.timeAt(position) : Number.POSITIVE_INFINITY;
}

function indexOfLeast(values: readonly number[]): number {
  let least = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] as number) < (values[least] as number)) least = i;
  }
  return least;
}
