import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalsOnTimeline } from '../../replay/arrival-sequence.ts';
import { mergeSeries } from '../../replay/events/timeline.ts';
import type { EventSeries } from '../../replay/events/event-series.ts';
import { GateModel } from './gate-model.ts';
import { arrivals, encodeName, limits } from './sample.ts';

/** A series of made-up times: dense stretches, gaps of hours and of years. */
const gapMs = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 400_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 * 3_600_000 }) },
  { weight: 1, arbitrary: fc.constant(2 * 365 * 86_400_000) },
);

/** Bounds of the order of the gaps, where a delay that is a little too long shows at once, and far longer ones. */
const boundMs = fc.oneof(fc.integer({ min: 4, max: 60_000 }), fc.integer({ min: 4, max: 7_200_000 }));

function seriesFrom(gaps: readonly number[], index: number): EventSeries {
  let time = Date.UTC(2014, 0, 1);
  const times = gaps.map((gap) => (time += gap));
  return {
    name: `s${index}`,
    size: times.length,
    mayBeLate: index > 0,
    timeAt: (position) => times[position]!,
    eventAt: (position) => ({
      id: `${index}-${position}`,
      source: 'test',
      type: 'test',
      time: times[position]!,
      service: 'test',
      component: `s${index}`,
      fingerprint: null,
      kind: 'PROBLEM',
      severity: 'MINOR',
      summary: '',
      value: null,
      attributes: {},
    }),
  };
}

describe('what was injected is what a gate finds', () => {
  it('on the shipped data, record by record', () => {
    const gate = new GateModel(limits);
    for (const arrival of arrivals({ lateRatio: 0.01 }, encodeName).from(0)) {
      const found = gate.judge(arrival);
      if (found !== arrival.kind)
        expect.fail(`arrival ${arrival.index} is ${arrival.kind}, was found ${found}`);
    }
  });

  it('whatever the times, ratios, grace and memory for ids', () => {
    // Not fc.double: most doubles from 0 to 1 are so near to 0 that nothing would ever go wrong.
    const ratio = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
    fc.assert(
      fc.property(
        fc.array(fc.array(gapMs, { maxLength: 120, size: 'max' }), { minLength: 1, maxLength: 6 }),
        fc.record({
          seed: fc.integer(),
          duplicateRatio: ratio,
          disorderRatio: ratio,
          lateRatio: ratio,
          brokenRatio: ratio,
          graceMs: boundMs,
          dedupeWithinMs: boundMs,
          maxAheadMs: fc.constant(60_000),
        }),
        (gaps, options) => {
          const gate = new GateModel(options);
          const sequence = arrivalsOnTimeline(mergeSeries(gaps.map(seriesFrom)), options, encodeName);
          for (const arrival of sequence.from(0)) {
            const found = gate.judge(arrival);
            if (found !== arrival.kind)
              throw new Error(`arrival ${arrival.index} is ${arrival.kind}, was found ${found}`);
          }
        },
      ),
      // Shrinking a counterexample of hundreds of times may take for ever: any will do.
      { numRuns: 300, interruptAfterTimeLimit: 20_000 },
    );
  });

  it('and a late event lies beyond the grace by a clear margin', () => {
    const latest = new Map<string, number>();
    for (const { kind, event } of arrivals({ lateRatio: 0.01 }, encodeName).from(0)) {
      const streamTime = latest.get(event.component) ?? -Infinity;
      if (kind === 'late') expect(streamTime - event.time).toBeGreaterThan(limits.graceMs + 60_000);
      if (kind !== 'broken') latest.set(event.component, Math.max(streamTime, event.time));
    }
  });
});
