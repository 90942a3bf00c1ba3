import { describe, expect, it } from 'vitest';
import type { Arrival } from '../../replay/arrival-sequence.ts';
import { noFaults } from '../../replay/faults/fault-options.ts';
import { arrivals, encodeName, few } from './sample.ts';

const list = (arrived: Iterable<Arrival>): unknown[] =>
  Array.from(arrived, ({ receivedAt, kind, bytes }) => [
    receivedAt,
    kind,
    Buffer.from(bytes).toString('latin1'),
  ]);

describe('the sequence of arrivals', () => {
  it('is the same for the same seed and another for another', () => {
    const first = list(arrivals({ only: few }).from(0));
    expect(list(arrivals({ only: few }).from(0))).toEqual(first);
    expect(list(arrivals({ only: few, seed: 2 }).from(0))).not.toEqual(first);
  });

  it('goes on from any index exactly as it would have', () => {
    const sequence = arrivals({ only: few });
    const whole = list(sequence.from(0));
    expect(whole).toHaveLength(sequence.size);
    for (const start of [1, 777, Math.floor(sequence.size / 2), sequence.size - 1, sequence.size]) {
      expect(list(sequence.from(start))).toEqual(whole.slice(start));
    }
  });

  it('never goes back in the time of arrival, and no event arrives before it happened', () => {
    let before = -Infinity;
    for (const { receivedAt, event, index } of arrivals({}, encodeName).from(0)) {
      if (receivedAt < before || receivedAt < event.time) expect.fail(`arrival ${index}`);
      before = receivedAt;
    }
  });

  it('knows how many of each kind it injected, whole or cut short', () => {
    for (const limit of [undefined, 0, 1, 5_000, 20_000]) {
      const sequence = arrivals({ only: few, ...(limit === undefined ? {} : { limit }) });
      const counted = { original: 0, duplicate: 0, late: 0, broken: 0 };
      for (const { kind } of sequence.from(0)) counted[kind] += 1;
      expect({ ...sequence.injected, originals: sequence.originals }).toEqual({
        originals: counted.original,
        duplicates: counted.duplicate,
        late: counted.late,
        broken: counted.broken,
      });
      expect(sequence.size).toBe(counted.original + counted.duplicate + counted.late + counted.broken);
    }
  });

  it('loses no event: each is there once as an original or late', () => {
    const sequence = arrivals({ only: few }, encodeName);
    const clean = arrivals({ only: few, ...noFaults }, encodeName);
    const seen = new Set<string>();
    for (const { kind, event } of sequence.from(0)) {
      if (kind === 'original' || kind === 'late') {
        expect(seen.has(event.id)).toBe(false);
        seen.add(event.id);
      }
    }
    expect(seen.size).toBe(clean.size);
    expect(clean.injected).toEqual({ duplicates: 0, late: 0, broken: 0 });
  });

  it('comes close to the ratios that were asked for', () => {
    const { size, injected } = arrivals(
      { duplicateRatio: 0.05, lateRatio: 0.01, brokenRatio: 0.002 },
      encodeName,
    );
    expect(injected.duplicates / size).toBeCloseTo(0.05, 2);
    expect(injected.late / size).toBeCloseTo(0.01, 2);
    expect(injected.broken / size).toBeCloseTo(0.002, 3);
  });

  it.each([
    [{ duplicateRatio: 1.5 }, /duplicateRatio is 1.5/],
    [{ lateRatio: Number.NaN }, /lateRatio is NaN/],
    [{ graceMs: -1 }, /graceMs is -1/],
    [{ graceMs: 3 }, /leave no room/],
    [{ limit: 0.5 }, /limit is 0.5/],
  ])('refuses options that it cannot keep: %o', (options, message) => {
    expect(() => arrivals(options)).toThrow(
      expect.objectContaining({ code: 'REPLAY_OPTIONS', message: expect.stringMatching(message) as string }),
    );
  });
});
