import type { AdaptiveThreshold, Measure } from '../rules/rule.ts';

/**
 * What is usual for a correlation key: mean and variance of a measure over its normal windows, each weighing less
 * the longer ago it was. A plain object, so that a store can keep it.
 */
export interface Baseline {
  /** Normal windows learned so far. */
  readonly windows: number;
  readonly mean: number;
  readonly variance: number;
  /** Start of the latest window that closed, learned or not. */
  readonly lastWindowStart: number;
  /** Breaching windows since the latest normal one. */
  readonly breachesInARow: number;
  /** What was learned. It says nothing about another measure, or about windows of another width. */
  readonly measure: Measure;
  readonly windowMs: number;
}

/** One window may move what is usual by at most so many deviations: a burst below the threshold teaches little. */
const MAX_STEP_DEVIATIONS = 3;

/** Windows without any event are learned as zero problems, at most so many half lives of them: more change nothing. */
const MAX_GAP_HALF_LIVES = 8;

/** The usual deviation, never below what chance alone brings about. */
export function usualDeviation(baseline: Baseline, threshold: AdaptiveThreshold): number {
  return Math.max(Math.sqrt(baseline.variance), leastDeviation(baseline.mean, threshold));
}

/**
 * Independent occurrences scatter by the square root of their usual number (they are Poisson distributed); a mean of
 * none is taken for one. What is measured scatters by at least a share of its size.
 */
function leastDeviation(mean: number, threshold: AdaptiveThreshold): number {
  return threshold.measure === 'problems'
    ? Math.sqrt(Math.max(mean, 1))
    : Math.abs(mean) * threshold.leastDeviationRatio;
}

/** A closed window, as far as a baseline is concerned. `value` is its measure. */
export interface LearnableWindow {
  readonly windowStart: number;
  readonly windowMs: number;
  readonly value: number;
  readonly breaching: boolean;
}

/**
 * The baseline after a window has closed. A breaching window is not learned from, unless so many come in a row that they
 * are the new usual. Windows are to be given in order:
 * one that is not later than the last changes nothing.
 */
export function learn(
  baseline: Baseline | null,
  window: LearnableWindow,
  threshold: AdaptiveThreshold,
): Baseline | null {
  if (baseline === null || !isAbout(baseline, threshold, window.windowMs)) {
    return window.breaching ? null : firstLearned(window, threshold);
  }
  if (window.windowStart <= baseline.lastWindowStart) return baseline;
  const upToHere = threshold.measure === 'problems' ? learnGap(baseline, window, threshold) : baseline;
  const { windowStart: lastWindowStart } = window;
  if (!window.breaching) {
    return { ...learnValue(upToHere, window.value, threshold), lastWindowStart, breachesInARow: 0 };
  }
  const breachesInARow = baseline.breachesInARow + 1;
  const isNewNormal = threshold.acceptAfterWindows !== null && breachesInARow >= threshold.acceptAfterWindows;
  return isNewNormal ? firstLearned(window, threshold) : { ...upToHere, lastWindowStart, breachesInARow };
}

/** Whether the baseline was learned for this threshold: after a change of rules it may not have been. */
export function isAbout(baseline: Baseline, threshold: AdaptiveThreshold, windowMs: number): boolean {
  return baseline.measure === threshold.measure && baseline.windowMs === windowMs;
}

function firstLearned(window: LearnableWindow, threshold: AdaptiveThreshold): Baseline {
  const { value: mean, windowStart: lastWindowStart, windowMs } = window;
  const { measure } = threshold;
  return { windows: 1, mean, variance: 0, lastWindowStart, breachesInARow: 0, measure, windowMs };
}

function learnGap(baseline: Baseline, window: LearnableWindow, threshold: AdaptiveThreshold): Baseline {
  const emptyWindows = Math.round((window.windowStart - baseline.lastWindowStart) / window.windowMs) - 1;
  const rounds = Math.min(emptyWindows, Math.ceil(threshold.halfLifeWindows * MAX_GAP_HALF_LIVES));
  let learned = baseline;
  for (let round = 0; round < rounds; round++) learned = learnValue(learned, 0, threshold);
  return learned;
}

function learnValue(baseline: Baseline, value: number, threshold: AdaptiveThreshold): Baseline {
  const isWarm = baseline.windows >= threshold.warmupWindows;
  const maxStep = isWarm ? MAX_STEP_DEVIATIONS * usualDeviation(baseline, threshold) : Infinity;
  const step = Math.max(-maxStep, Math.min(maxStep, value - baseline.mean));
  // The first windows weigh the same; only then does the older half begin to fade.
  const weight = Math.max(1 / (baseline.windows + 1), 1 - 2 ** (-1 / threshold.halfLifeWindows));
  return {
    ...baseline,
    windows: baseline.windows + 1,
    mean: baseline.mean + weight * step,
    variance: (1 - weight) * (baseline.variance + weight * step * step),
  };
}
