import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { CrashSeries } from '../load/crash-series.ts';
import { createRandom, seedFrom } from '../random.ts';
import type { EventSeries } from './event-series.ts';

export const crashService = 'app-crashes';
export const crashSource = 'crash-reporter';

const hourMs = 3_600_000;

/** What may be known of a crash series by its reporter: everything but the labels. */
export interface ReportedCrashes {
  readonly name: string;
  readonly hours: readonly Pick<CrashSeries['hours'][number], 'startAt' | 'crashes'>[];
}

/** One problem for each crash. The files only tell how many there were in an hour; the moment is drawn by seed. */
export function crashEvents(series: ReportedCrashes, seed: number): EventSeries {
  const hours = series.hours.filter((hour) => hour.crashes !== null && hour.crashes > 0);
  const size = hours.reduce((sum, hour) => sum + (hour.crashes ?? 0), 0);
  const times = new Float64Array(size);
  const ordinals = new Uint32Array(size);
  let next = 0;
  for (const { startAt, crashes } of hours) {
    const first = next;
    const random = createRandom(seedFrom(seed, `${series.name}@${startAt}`));
    next += crashes ?? 0;
    for (let i = first; i < next; i++) {
      times[i] = startAt + Math.floor(random() * hourMs);
      ordinals[i] = i - first;
    }
    times.subarray(first, next).sort();
  }
  return {
    name: series.name,
    size,
    mayBeLate: true,
    timeAt: (position) => times[position] ?? outside(series.name, position),
    eventAt: (position) =>
      crash(series.name, times[position] ?? outside(series.name, position), ordinals[position] ?? 0),
  };
}

function crash(name: string, time: number, ordinal: number): IncidentEvent {
  const hour = Math.floor(time / hourMs);
  return {
    id: `${name}-${hour}-${ordinal}`,
    source: crashSource,
    type: 'com.example.app.crashed',
    time,
    service: crashService,
    component: name,
    fingerprint: null,
    kind: 'PROBLEM',
    severity: 'MAJOR',
    summary: `Application ${name} crashed`,
    value: null,
    attributes: {},
  };
}

function outside(name: string, position: number): never {
  throw new RangeError(`The series ${name} has no event ${position}`);
}
