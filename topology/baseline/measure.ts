import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import type { AdaptiveThreshold, Measure } from '../rules/rule.ts';

/** The measure of a window; null where it has none (no samples). */
export function measureOf(aggregate: WindowAggregate, measure: Measure): number | null {
  switch (measure) {
    case 'problems':
      return aggregate.problems;
    case 'mean':
      return aggregate.samples === 0 ? null : aggregate.valueSum / aggregate.samples;
    case 'max':
      return aggregate.valueMax;
  }
}

/**
 * Whether a window can be judged while it is still running: what can only grow has been exceeded once and for all.
 * A mean may still fall, and what is too little may still come: those are judged when the window has closed.
 */
export function isJudgedWhileRunning(threshold: AdaptiveThreshold): boolean {
  return threshold.measure !== 'mean' && threshold.direction === 'above';
}
