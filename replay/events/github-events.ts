import type { IncidentEvent, Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { GithubIncident } from '../load/github-incidents.ts';
import type { EventSeries } from './event-series.ts';

export const githubService = 'github';
export const githubSource = 'githubstatus';

/** What an incident is filed under that names no component. */
export const unnamedComponent = 'unspecified';

const severityOfImpact: Readonly<Record<GithubIncident['impact'], Severity>> = {
  none: 'INFO',
  minor: 'MINOR',
  major: 'MAJOR',
  critical: 'CRITICAL',
};

/** The status page lists a pointer to itself among its components. */
const placeholder = /^visit www\.githubstatus\.com/i;

/** What may be known of an incident while it lasts: everything but its truth. */
export type ReportedIncident = Omit<GithubIncident, 'truth'>;

/**
 * Status updates as lifecycle events: each is a problem, but for the one that resolves. An update is one event for each
 * component of its incident, since each has a correlation key of its own; the fingerprint, the incident's id, tells
 * two incidents of one component apart.
 */
export function githubEvents(incidents: readonly ReportedIncident[]): EventSeries {
  const events = incidents.flatMap(eventsOf).sort((a, b) => a.time - b.time);
  return {
    name: githubService,
    size: events.length,
    mayBeLate: false,
    timeAt: (position) => at(events, position).time,
    eventAt: (position) => at(events, position),
  };
}

/** The components that the events of an incident are filed under; never empty. */
export function componentsOf(incident: ReportedIncident): string[] {
  const affected = incident.updates.flatMap((update) => update.affectedComponents);
  const named = [incident.components, affected].map(realNames).find((names) => names.length > 0);
  return named ?? [unnamedComponent];
}

function realNames(names: readonly string[]): string[] {
  const kept = names.filter((name) => name.trim() !== '' && !placeholder.test(name));
  // A slash would split the correlation key.
  return [...new Set(kept.map((name) => name.trim().replaceAll('/', '-')))];
}

function eventsOf(incident: ReportedIncident): IncidentEvent[] {
  const components = componentsOf(incident);
  return incident.updates.flatMap((update) =>
    components.map((component): IncidentEvent => {
      const over = update.status === 'resolved' || update.status === 'completed';
      return {
        id: `${update.id}:${component}`,
        source: githubSource,
        type: `com.githubstatus.incident.${update.status}`,
        time: update.at,
        service: githubService,
        component,
        fingerprint: incident.id,
        kind: over ? 'RECOVERY' : 'PROBLEM',
        severity: over ? 'INFO' : severityOfImpact[incident.impact],
        summary: update.body || incident.name,
        value: null,
        attributes: { incident: incident.name },
      };
    }),
  );
}

function at(events: readonly IncidentEvent[], position: number): IncidentEvent {
  const event = events[position];
  if (event === undefined)
    throw new RangeError(`No GitHub event at position ${position} of ${events.length}`);
  return event;
}
