import type { ReplayData } from '../load/replay-data.ts';
import type { SeriesScore } from './accuracy.ts';
import { scoreCrashes } from './crash-score.ts';
import type { Episode } from './episode.ts';
import { scoreGithub } from './github-score.ts';
import type { GithubScore } from './github-score.ts';
import { scoreLatencies } from './latency-score.ts';

export interface ReplayScore {
  /** One for each labelled series, crashes first. */
  readonly series: readonly SeriesScore[];
  readonly github: GithubScore;
}

/**
 * The pipeline's findings against the truth that ships with the data. A series that was left out of the replay, or of which
 * only a part was replayed, is scored as if nothing had been found in the rest.
 */
export function scoreReplay(data: ReplayData, episodes: readonly Episode[]): ReplayScore {
  return {
    series: [
      ...data.crashes.map((series) => scoreCrashes(series, episodes)),
      ...data.latencies.map((series) => scoreLatencies(series, episodes)),
    ],
    github: scoreGithub(data.github, episodes),
  };
}
