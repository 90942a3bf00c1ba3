import { componentsOf, githubService } from '../events/github-events.ts';
import type { GithubIncident } from '../load/github-incidents.ts';
import { summariseDelays } from './delay-summary.ts';
import type { DelaySummary } from './delay-summary.ts';
import type { Episode } from './episode.ts';

export interface GithubScore {
  readonly incidents: number;
  /** How many of them the pipeline opened an incident for. Those posted only when they were over cannot be found. */
  readonly detected: number;
  readonly resolved: number;
  /** From the true start until the first opening. Negative where people dated the start after their first word of it. */
  readonly timeToDetect: DelaySummary;
  /** From the true end until the last of its components was called resolved. */
  readonly timeToResolve: DelaySummary;
}

/** How soon the pipeline knew, against the start and end that GitHub gives in hindsight. */
export function scoreGithub(incidents: readonly GithubIncident[], episodes: readonly Episode[]): GithubScore {
  const byKey = Map.groupBy(episodes, (episode) => episode.correlationKey);
  const detectDelays: number[] = [];
  const resolveDelays: number[] = [];
  for (const incident of incidents) {
    const own = componentsOf(incident).flatMap(
      (component) => byKey.get(`${githubService}/${component}/${incident.id}`) ?? [],
    );
    if (own.length === 0) continue;
    detectDelays.push(Math.min(...own.map((episode) => episode.openedAt)) - incident.truth.startedAt);
    const ends = own.map((episode) => episode.resolvedAt).filter((at) => at !== null);
    if (ends.length === own.length) resolveDelays.push(Math.max(...ends) - incident.truth.resolvedAt);
  }
  return {
    incidents: incidents.length,
    detected: detectDelays.length,
    resolved: resolveDelays.length,
    timeToDetect: summariseDelays(detectDelays),
    timeToResolve: summariseDelays(resolveDelays),
  };
}
