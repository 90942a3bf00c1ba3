import type { IncidentEvent, Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import { formatDuration, formatNumber } from '../rules/format-duration.ts';
import type { AdaptiveThreshold, Rule } from '../rules/rule.ts';
import { isAbout, usualDeviation, type Baseline } from './baseline.ts';
import { isJudgedWhileRunning, measureOf } from './measure.ts';

/** A threshold that was reached or passed, with the sentence that says so. */
export interface Breach {
  readonly value: number;
  readonly limit: number;
  /** How bad the rule calls it; null where it leaves that to the events (a fixed count). */
  readonly severity: Severity | null;
  readonly reason: string;
}

/**
 * Whether a window breaches its rule, and by what. The fixed threshold is asked first; an adaptive one does not judge
 * before it has learned enough.
 */
export function breaches(aggregate: WindowAggregate, baseline: Baseline | null, rule: Rule): Breach | null {
  const fixed = fixedBreach(aggregate.problems, rule);
  if (fixed !== null || rule.openWhen.adaptive === null) return fixed;
  const value = measureOf(aggregate, rule.openWhen.adaptive.measure);
  return value === null ? null : adaptiveBreach(value, baseline, rule, rule.openWhen.adaptive);
}

/**
 * Whether one event carries its running window beyond a threshold that can be judged already. `problems` is how many
 * of the window's problems count, this event included.
 */
export function breachesWhileRunning(
  event: IncidentEvent,
  problems: number,
  baseline: Baseline | null,
  rule: Rule,
): Breach | null {
  const { adaptive } = rule.openWhen;
  if (event.kind === 'PROBLEM') {
    const fixed = fixedBreach(problems, rule);
    if (fixed !== null || adaptive?.measure !== 'problems' || !isJudgedWhileRunning(adaptive)) return fixed;
    return adaptiveBreach(problems, baseline, rule, adaptive);
  }
  if (event.value === null || adaptive?.measure !== 'max' || !isJudgedWhileRunning(adaptive)) return null;
  return adaptiveBreach(event.value, baseline, rule, adaptive);
}

function fixedBreach(problems: number, rule: Rule): Breach | null {
  const limit = rule.openWhen.problemCount;
  if (limit === null || problems < limit) return null;
  const reason = `${countOf(problems)} in ${formatDuration(rule.windowMs)}, limit ${limit}`;
  return { value: problems, limit, severity: null, reason };
}

function adaptiveBreach(
  value: number,
  baseline: Baseline | null,
  rule: Rule,
  threshold: AdaptiveThreshold,
): Breach | null {
  if (baseline === null || baseline.windows < threshold.warmupWindows) return null;
  if (!isAbout(baseline, threshold, rule.windowMs)) return null;
  const deviation = usualDeviation(baseline, threshold);
  const limit = limitReached(value, baseline.mean, deviation, threshold);
  if (limit === null) return null;
  const what =
    threshold.measure === 'problems' ? countOf(value) : `${threshold.measure} ${formatNumber(value)}`;
  const usual = `usual ${formatNumber(baseline.mean)} ± ${formatNumber(deviation)}`;
  const reason = `${what} in ${formatDuration(rule.windowMs)}, ${usual}, limit ${formatNumber(limit)}`;
  return { value, limit, severity: threshold.severity, reason };
}

function limitReached(
  value: number,
  mean: number,
  deviation: number,
  threshold: AdaptiveThreshold,
): number | null {
  const { direction, minimum } = threshold;
  const upper = Math.max(minimum, mean + threshold.deviations * deviation);
  if (direction !== 'below' && value > mean && value >= upper) return upper;
  const lower = mean - threshold.deviations * deviation;
  if (direction !== 'above' && value < mean && value <= lower) return lower;
  return null;
}

function countOf(problems: number): string {
  return problems === 1 ? '1 problem' : `${problems} problems`;
}
