import type { ArrivalSequence } from '../../replay/arrival-sequence.ts';
import type { ReplayData } from '../../replay/load/replay-data.ts';
import { timeToDetect, timeToResolve } from '../../replay/score/delay-summary.ts';
import { EpisodeCollector } from '../../replay/score/episode.ts';
import { playedData } from '../../replay/score/played-data.ts';
import { scoreReplay } from '../../replay/score/replay-score.ts';
import { TOPICS } from '../../topology/topics.ts';
import { readLedger, totalOf } from '../pipeline/ledger.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { DemoSummary } from './summary.ts';

export interface ReplayResultParts {
  readonly pipeline: Pipeline;
  readonly arrivals: ArrivalSequence;
  readonly data: ReplayData;
  /** The series that were chosen; undefined for all. */
  readonly only: readonly string[] | undefined;
  readonly fed: number;
  readonly seconds: number;
}

/** Reads what came of a replay back from the pipeline's own topics and counters, and scores it against the labels. */
export function replayResult({
  pipeline,
  arrivals,
  data,
  only,
  fed,
  seconds,
}: ReplayResultParts): DemoSummary {
  const quietMsByRule = new Map(pipeline.ruleSet.rules.map((rule) => [rule.id, rule.quietMs]));
  const episodes = new EpisodeCollector({ quietMsOf: (ruleId) => quietMsByRule.get(ruleId) ?? null });
  const counts = { OPENED: 0, REOPENED: 0, RESOLVED: 0 };
  const { runtime, serdes } = pipeline;
  for (let partition = 0; partition < runtime.partitionsOf(TOPICS.transitions); partition++) {
    for (const record of runtime.records(TOPICS.transitions, partition)) {
      if (record.value === null) continue;
      const transition = serdes.incidentTransition.deserialize(record.value);
      episodes.add(transition);
      if (transition.type in counts) counts[transition.type as keyof typeof counts]++;
    }
  }
  const found = episodes.episodes();
  const { github, series } = scoreReplay(
    playedData(data, { only, until: arrivals.span?.lastAt ?? 0 }),
    found,
  );
  return {
    ...totalOf(readLedger(pipeline)),
    injected: arrivals.injected,
    incidentsOpened: counts.OPENED,
    incidentsReopened: counts.REOPENED,
    incidentsResolved: counts.RESOLVED,
    timeToDetect: timeToDetect(found.filter((episode) => episode.openedAt > episode.startedAt)),
    openedAtOnce: found.filter((episode) => episode.openedAt === episode.startedAt).length,
    timeToResolve: timeToResolve(found),
    github,
    eventsPerSecond: seconds === 0 ? 0 : fed / seconds,
    replaySeconds: seconds,
    series,
  };
}
