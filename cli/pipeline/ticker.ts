import type { Pipeline } from './pipeline.ts';
import { tickRecords } from './pipeline.ts';
import type { PipelineClock } from './pipeline-clock.ts';

const CHECK_INTERVAL_MS = 500;

/**
 * Writes ticks to the inbox when something is due that no event has come to bring about: a timer, or a window to close.
 * Returns how to stop it.
 */
export function startTicker(pipeline: Pipeline, clock: PipelineClock): () => void {
  const timer = setInterval(() => {
    if (clock.isReplaying || pipeline.runtime.failure() !== undefined) return;
    const now = clock.now();
    if (earliestDue(pipeline) <= now) pipeline.runtime.produce(tickRecords(pipeline, now, 'due'));
  }, CHECK_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function earliestDue(pipeline: Pipeline): number {
  const { runtime, stores, ruleSet } = pipeline;
  let due = Infinity;
  for (const timers of runtime.stores(stores.timers)) due = Math.min(due, timers.oldestStart() ?? Infinity);
  for (const [windowMs, builder] of stores.windows) {
    for (const windows of runtime.stores(builder)) {
      due = Math.min(due, (windows.oldestStart() ?? Infinity) + windowMs + ruleSet.limits.graceMs);
    }
  }
  return due;
}
