import { describe, expect, it } from 'vitest';
import { crashEvents } from '../../replay/events/crash-events.ts';
import type { EventSeries } from '../../replay/events/event-series.ts';
import { componentsOf, githubEvents } from '../../replay/events/github-events.ts';
import type { ReportedIncident } from '../../replay/events/github-events.ts';
import { eventAt, mergeSeries, seriesOf } from '../../replay/events/timeline.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { invalidReason } from '../../topology/gate/validate-event.ts';
import { data } from './sample.ts';

const all = (series: EventSeries): IncidentEvent[] =>
  Array.from({ length: series.size }, (_, i) => series.eventAt(i));

const incident: ReportedIncident = {
  id: 'abc',
  name: 'Trouble',
  impact: 'major',
  components: ['Issues/Boards', 'Actions'],
  updates: [
    { id: 'u1', status: 'investigating', body: 'Looking', at: 1_000, affectedComponents: [] },
    { id: 'u2', status: 'resolved', body: '', at: 2_000, affectedComponents: [] },
  ],
};

describe('GitHub incidents', () => {
  it('become a problem for each update and component, and a recovery when resolved', () => {
    const told = all(githubEvents([incident])).map((e) => [
      e.time,
      e.kind,
      e.severity,
      e.component,
      e.fingerprint,
      e.summary,
    ]);
    expect(told).toEqual([
      [1_000, 'PROBLEM', 'MAJOR', 'Issues-Boards', 'abc', 'Looking'],
      [1_000, 'PROBLEM', 'MAJOR', 'Actions', 'abc', 'Looking'],
      [2_000, 'RECOVERY', 'INFO', 'Issues-Boards', 'abc', 'Trouble'],
      [2_000, 'RECOVERY', 'INFO', 'Actions', 'abc', 'Trouble'],
    ]);
  });

  it('without a component of their own are filed under the affected ones, else under none', () => {
    const [first, ...rest] = incident.updates;
    const pointer = 'Visit www.githubstatus.com for more information';
    const affected = [{ ...first!, affectedComponents: [pointer, 'Issues, PRs, Projects'] }, ...rest];
    expect(componentsOf({ ...incident, components: [pointer], updates: affected })).toEqual([
      'Issues, PRs, Projects',
    ]);
    expect(componentsOf({ ...incident, components: [pointer] })).toEqual(['unspecified']);
  });

  it('each end in a recovery, at the time of the update that says so', () => {
    const ends = new Map(
      all(githubEvents(data.github))
        .filter((e) => e.kind === 'RECOVERY')
        .map((e) => [e.fingerprint, e.time]),
    );
    expect(ends.size).toBe(196);
    for (const { id, updates } of data.github) expect(ends.get(id)).toBe(updates.at(-1)?.at);
  });

  it('do not change when the truth about them does', () => {
    const lied = data.github.map((each) => ({ ...each, truth: { startedAt: 0, resolvedAt: 0 } }));
    expect(all(githubEvents(lied))).toEqual(all(githubEvents(data.github)));
  });
});

describe('crash counts', () => {
  const series = data.crashes[0]!;

  it('become as many problems, each within its hour', () => {
    const perHour = new Map<number, number>();
    for (const { time } of all(crashEvents(series, 1))) {
      const hour = time - (time % 3_600_000);
      perHour.set(hour, (perHour.get(hour) ?? 0) + 1);
    }
    const counted = series.hours.filter((hour) => (hour.crashes ?? 0) > 0);
    expect(perHour).toEqual(new Map(counted.map((hour) => [hour.startAt, hour.crashes])));
  });

  it('fall on other moments by another seed, and on the same by the same', () => {
    expect(all(crashEvents(series, 7))).toEqual(all(crashEvents(series, 7)));
    expect(all(crashEvents(series, 7))).not.toEqual(all(crashEvents(series, 8)));
  });

  it('do not change when the labels do', () => {
    const lied = { ...series, hours: series.hours.map((hour) => ({ ...hour, anomalous: !hour.anomalous })) };
    expect(all(crashEvents(lied, 1))).toEqual(all(crashEvents(series, 1)));
  });
});

describe('the timeline', () => {
  const timeline = mergeSeries(seriesOf(data, { seed: 1 }));

  it('holds every event of every series, in one chronological order from 2014 to 2021', () => {
    expect(timeline.size).toBe(506_620 + 4_032 + 4_621 + githubEvents(data.github).size);
    expect(timeline.times).toEqual(timeline.times.slice().sort());
    expect(new Date(timeline.times[0]!).getUTCFullYear()).toBe(2014);
    expect(new Date(timeline.times.at(-1)!).getUTCFullYear()).toBe(2021);
  });

  it('names no two events alike, and holds only events that the gate accepts', () => {
    const names = new Set<string>();
    for (let i = 0; i < timeline.size; i++) {
      const event = eventAt(timeline, i);
      names.add(`${event.source}\n${event.id}`);
      if (event.time !== timeline.times[i] || invalidReason(event) !== null)
        expect.fail(JSON.stringify(event));
    }
    expect(names.size).toBe(timeline.size);
  });
});
