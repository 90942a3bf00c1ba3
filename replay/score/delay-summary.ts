import type { Episode } from './episode.ts';

/** The middle and the slow end of some durations; null where there is none. */
export interface DelaySummary {
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

/** Nearest rank: a percentile is one of the values. */
export function summariseDelays(values: readonly number[]): DelaySummary {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (percent: number): number | null =>
    sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? null;
  return { medianMs: rank(50), p95Ms: rank(95) };
}

/** From the beginning of the trouble to the word that it is an incident. */
export function timeToDetect(episodes: readonly Episode[]): DelaySummary {
  return summariseDelays(episodes.map((episode) => episode.openedAt - episode.startedAt));
}

/** From that word to the word that it is over, over the episodes that are. */
export function timeToResolve(episodes: readonly Episode[]): DelaySummary {
  return summariseDelays(
    episodes.flatMap(({ openedAt, resolvedAt }) => (resolvedAt === null ? [] : [resolvedAt - openedAt])),
  );
}
