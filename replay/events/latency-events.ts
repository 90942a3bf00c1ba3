import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { LatencySample, LatencySeries } from '../load/latency-series.ts';
import type { EventSeries } from './event-series.ts';

export const latencyService = 'request-latency';
export const latencySource = 'latency-probe';

/** What may be known of a latency series by its probe: everything but the labelled windows. */
export type ReportedLatencies = Omit<LatencySeries, 'windows'>;

/** One sample event for each measurement: whether it is a problem is for the rules to say. */
export function latencyEvents(series: ReportedLatencies): EventSeries {
  const { name, samples } = series;
  return {
    name,
    size: samples.length,
    mayBeLate: true,
    timeAt: (position) => sampleAt(series, position).at,
    eventAt: (position) => measurement(name, position, sampleAt(series, position)),
  };
}

function measurement(name: string, position: number, sample: LatencySample): IncidentEvent {
  return {
    id: `${name}-${position}`,
    source: latencySource,
    type: 'com.example.latency.measured',
    time: sample.at,
    service: latencyService,
    component: name,
    fingerprint: null,
    kind: 'SAMPLE',
    severity: 'MAJOR',
    summary: `Request latency of ${name}`,
    value: sample.value,
    attributes: {},
  };
}

function sampleAt(series: ReportedLatencies, position: number): LatencySample {
  const sample = series.samples[position];
  if (sample === undefined) throw new RangeError(`The series ${series.name} has no sample ${position}`);
  return sample;
}
