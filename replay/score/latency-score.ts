import { latencyService } from '../events/latency-events.ts';
import type { LabelledWindow, LatencySeries } from '../load/latency-series.ts';
import { besideBaseline, share } from './accuracy.ts';
import type { Accuracy, SeriesScore } from './accuracy.ts';
import type { Episode } from './episode.ts';
import { trivialThreshold } from './trivial-rule.ts';

/**
 * Window by window, since labels of a failure are no exact science: a labelled window was found when a detection began in it,
 * a detection was right when it began in a labelled window. The pipeline's detections are the starts of its episodes.
 */
export function scoreLatencies(series: LatencySeries, episodes: readonly Episode[]): SeriesScore {
  const detections = episodes
    .filter((episode) => episode.correlationKey === `${latencyService}/${series.name}`)
    .map((episode) => episode.startedAt);
  return besideBaseline(
    series.name,
    accuracyOf(series.windows, detections),
    accuracyOf(series.windows, trivialDetections(series)),
  );
}

/** A detection of the trivial rule is the first of consecutive samples above its threshold. */
function trivialDetections({ samples }: LatencySeries): number[] {
  const threshold = trivialThreshold(samples.map((sample) => sample.value));
  return samples
    .filter(({ value }, i) => value > threshold && !((samples[i - 1]?.value ?? -Infinity) > threshold))
    .map((sample) => sample.at);
}

function accuracyOf(windows: readonly LabelledWindow[], detections: readonly number[]): Accuracy {
  const within = (window: LabelledWindow, at: number): boolean => at >= window.startAt && at <= window.endAt;
  const right = detections.filter((at) => windows.some((window) => within(window, at)));
  const found = windows.filter((window) => detections.some((at) => within(window, at)));
  return { precision: share(right.length, detections.length), recall: share(found.length, windows.length) };
}
