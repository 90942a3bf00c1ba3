import { describe, expect, it } from 'vitest';
import { scoreCrashes } from '../../replay/score/crash-score.ts';
import { EpisodeCollector } from '../../replay/score/episode.ts';
import type { Episode } from '../../replay/score/episode.ts';
import { scoreGithub } from '../../replay/score/github-score.ts';
import { scoreLatencies } from '../../replay/score/latency-score.ts';
import { scoreReplay } from '../../replay/score/replay-score.ts';
import { trivialThreshold } from '../../replay/score/trivial-rule.ts';
import { data } from './sample.ts';

const hourMs = 3_600_000;

function episode(
  correlationKey: string,
  startedAt: number,
  lastTroubleAt: number,
  openedAt = startedAt,
): Episode {
  return { correlationKey, startedAt, openedAt, lastTroubleAt, resolvedAt: null };
}

/** Ten hours, one crash in each but a hundred in the sixth; hours 5 and 6 are anomalous, hour 9 was not measured. */
const crashes = {
  name: 'app',
  hours: Array.from({ length: 10 }, (_, i) => ({
    startAt: i * hourMs,
    crashes: i === 9 ? null : i === 6 ? 100 : 1,
    anomalous: i === 5 || i === 6 || i === 9,
  })),
};

describe('the score of a crash series', () => {
  const score = (...episodes: Episode[]) => {
    const { precision, recall } = scoreCrashes(crashes, episodes);
    return [precision, recall];
  };

  it('goes by hours that an episode touches, both ends included', () => {
    expect(score(episode('app-crashes/app', 5 * hourMs, 6 * hourMs))).toEqual([1, 1]);
    expect(score(episode('app-crashes/app', 5 * hourMs - 1, 6 * hourMs - 1))).toEqual([1 / 2, 1 / 2]);
    expect(score(episode('app-crashes/app', 0, 8 * hourMs))).toEqual([2 / 9, 1]);
  });

  it('has no precision where nothing was flagged, and leaves out what was not measured or is of others', () => {
    expect(score()).toEqual([null, 0]);
    expect(score(episode('app-crashes/app', 9 * hourMs, 9 * hourMs + 1))).toEqual([null, 0]);
    expect(score(episode('app-crashes/other', 5 * hourMs, 6 * hourMs))).toEqual([null, 0]);
  });
});

describe('the score of a latency series', () => {
  const series = {
    name: 'lat',
    samples: Array.from({ length: 100 }, (_, at) => ({
      at,
      value: at === 40 || at === 41 || at === 90 ? 1_000 : 1,
    })),
    windows: [
      { startAt: 38, endAt: 45 },
      { startAt: 60, endAt: 70 },
    ],
  };

  it('goes by where detections begin', () => {
    const inFirst = episode('request-latency/lat', 38, 60);
    expect(scoreLatencies(series, [inFirst])).toMatchObject({ precision: 1, recall: 1 / 2 });
    expect(scoreLatencies(series, [inFirst, episode('request-latency/lat', 37, 60)])).toMatchObject({
      precision: 1 / 2,
      recall: 1 / 2,
    });
    expect(scoreLatencies(series, [])).toMatchObject({ precision: null, recall: 0 });
  });

  it('holds the trivial rule to the same: consecutive samples are one detection', () => {
    expect(scoreLatencies(series, [])).toMatchObject({ baselinePrecision: 1 / 2, baselineRecall: 1 / 2 });
  });
});

it('the trivial threshold is three standard deviations above the mean', () => {
  expect(trivialThreshold([2, 4, 4, 4, 5, 5, 7, 9])).toBe(5 + 3 * 2);
});

describe('the score of GitHub incidents', () => {
  const [first, second] = data.github.filter((incident) => incident.updates.length > 1);
  const key = (id: string) => `github/unspecified/${id}`;

  it('measures from the true start to the first opening, and from the true end to the last resolution', () => {
    const { startedAt, resolvedAt } = first!.truth;
    const found = {
      ...episode(key(first!.id), startedAt, resolvedAt, startedAt + 5),
      resolvedAt: resolvedAt + 7,
    };
    expect(scoreGithub([first!, second!], [found])).toEqual({
      incidents: 2,
      detected: 1,
      resolved: 1,
      timeToDetect: { medianMs: 5, p95Ms: 5 },
      timeToResolve: { medianMs: 7, p95Ms: 7 },
    });
  });

  it('does not call resolved what is still open somewhere', () => {
    const found = episode(key(first!.id), first!.truth.startedAt, first!.truth.startedAt);
    expect(scoreGithub([first!], [found])).toMatchObject({
      detected: 1,
      resolved: 0,
      timeToResolve: { medianMs: null },
    });
  });
});

describe('episodes', () => {
  type Type = 'DETECTED' | 'OPENED' | 'UPDATED' | 'RESOLVED' | 'REOPENED';
  const told = (type: Type, at: number, lastProblemAt: number, recoveredAt: number | null = null) => ({
    incidentId: 'i',
    correlationKey: 'k',
    type,
    at,
    actor: 'system',
    ruleId: 'r',
    state: { firstProblemAt: 10, lastProblemAt, recoveredAt },
  });
  const episodesOf = (quietMs: number | null, ...transitions: ReturnType<typeof told>[]) => {
    const collector = new EpisodeCollector({ quietMsOf: (ruleId) => (ruleId === 'r' ? quietMs : null) });
    for (const transition of transitions) collector.add(transition);
    return collector.episodes();
  };

  it('last from opening to resolution, and again from a reopening', () => {
    const transitions = [
      told('DETECTED', 10, 10),
      told('OPENED', 20, 18),
      told('UPDATED', 30, 29),
      told('RESOLVED', 50, 31, 32),
      told('UPDATED', 55, 31),
      told('REOPENED', 60, 58),
    ];
    expect(episodesOf(null, ...transitions)).toEqual([
      { correlationKey: 'k', startedAt: 10, openedAt: 20, lastTroubleAt: 31, resolvedAt: 50 },
      { correlationKey: 'k', startedAt: 58, openedAt: 60, lastTroubleAt: 58, resolvedAt: null },
    ]);
  });

  it('are in trouble until the quiet began that resolved them, however many usual problems followed', () => {
    const opened = told('OPENED', 20, 18);
    expect(episodesOf(10, opened, told('RESOLVED', 50, 49))).toMatchObject([{ lastTroubleAt: 39 }]);
    expect(episodesOf(10, opened, told('RESOLVED', 50, 30))).toMatchObject([{ lastTroubleAt: 30 }]);
    expect(episodesOf(10, opened, told('RESOLVED', 50, 49, 49))).toMatchObject([{ lastTroubleAt: 49 }]);
    const byHand = { ...told('RESOLVED', 50, 49), actor: 'ada' };
    expect(episodesOf(10, opened, byHand)).toMatchObject([{ lastTroubleAt: 49 }]);
  });
});

it('every labelled series is scored, and the trivial rule finds what it is known to find', () => {
  const { series, github } = scoreReplay(data, []);
  expect(series).toHaveLength(11);
  expect(github).toMatchObject({ incidents: 196, detected: 0 });
  expect(series.find((each) => each.name === 'app1-02')?.baselineRecall).toBeCloseTo(0.19, 2);
  expect(series.find((each) => each.name === 'grok_asg_anomaly')).toMatchObject({
    baselinePrecision: null,
    baselineRecall: 0,
  });
});
