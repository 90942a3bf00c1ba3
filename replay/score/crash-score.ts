import { crashService } from '../events/crash-events.ts';
import type { CrashHour, CrashSeries } from '../load/crash-series.ts';
import { besideBaseline, share } from './accuracy.ts';
import type { Accuracy, SeriesScore } from './accuracy.ts';
import type { Episode } from './episode.ts';
import { trivialThreshold } from './trivial-rule.ts';

const hourMs = 3_600_000;

type MeasuredHour = CrashHour & { readonly crashes: number };

/**
 * Hour by hour: an hour was flagged when an incident of the series was open and in trouble within it, that is between an
 * episode's start and its last trouble. Hours without a count are left out, for the pipeline and the trivial rule alike.
 */
export function scoreCrashes(series: CrashSeries, episodes: readonly Episode[]): SeriesScore {
  const own = episodes.filter((episode) => episode.correlationKey === `${crashService}/${series.name}`);
  const hours = series.hours.filter((hour): hour is MeasuredHour => hour.crashes !== null);
  const threshold = trivialThreshold(hours.map((hour) => hour.crashes));
  return besideBaseline(
    series.name,
    accuracyOf(hours, (hour) => own.some((episode) => touches(episode, hour))),
    accuracyOf(hours, (hour) => hour.crashes > threshold),
  );
}

function touches(episode: Episode, hour: CrashHour): boolean {
  return episode.startedAt < hour.startAt + hourMs && episode.lastTroubleAt >= hour.startAt;
}

function accuracyOf(hours: readonly MeasuredHour[], isFlagged: (hour: MeasuredHour) => boolean): Accuracy {
  const anomalous = hours.filter((hour) => hour.anomalous);
  const flagged = hours.filter(isFlagged);
  const hits = flagged.filter((hour) => hour.anomalous).length;
  return { precision: share(hits, flagged.length), recall: share(hits, anomalous.length) };
}
