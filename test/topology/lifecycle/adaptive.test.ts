import { describe, expect, test } from 'vitest';
import { command, event, HOUR_MS, MINUTE_MS, ruleSet, T0 } from '../fixtures.ts';
import { simulate, types, type Simulation } from '../simulation.ts';

function adaptiveRule(adaptive: Record<string, unknown>): Record<string, unknown> {
  return {
    windowMs: HOUR_MS,
    openWhen: { adaptive: { deviations: 4, warmupWindows: 5, halfLifeWindows: 24, ...adaptive } },
    quietMs: 2 * HOUR_MS,
  };
}

/** `problems` of each hour, spread over it. */
function sendHours(stream: Simulation, firstHour: number, hours: readonly number[]): void {
  hours.forEach((problems, index) => {
    const start = T0 + (firstHour + index) * HOUR_MS;
    for (let i = 0; i < problems; i++) stream.send(event({ time: start + i * MINUTE_MS }));
  });
}

describe('a learned number of problems', () => {
  const rule = adaptiveRule({ measure: 'problems', minimum: 10 });

  test('an application that always has a few problems makes no incident, not even a pending one', () => {
    const stream = simulate(ruleSet(rule));
    sendHours(stream, 0, [4, 3, 5, 4, 6, 4, 3, 4, 5, 4, 7, 3]);
    expect(stream.transitions).toEqual([]);
    expect(stream.memory()?.baseline?.mean).toBeCloseTo(4.3, 0);
  });

  test('opens with the problem that reaches the limit, not only when the window closes', () => {
    const stream = simulate(ruleSet(rule));
    sendHours(stream, 0, [4, 3, 5, 4, 4, 4]);
    const start = T0 + 6 * HOUR_MS;
    const opened: number[] = [];
    for (let i = 0; i < 40; i++) {
      if (types(stream.send(event({ time: start + i * 1000 }))).includes('OPENED')) opened.push(i + 1);
    }
    expect(opened).toEqual([12]);
    const reason = '12 problems in 1 h, usual 4 ± 2, limit 12';
    expect(stream.transitions.at(-1)).toMatchObject({
      type: 'OPENED',
      version: 2,
      at: start + 11_000,
      reason,
    });
    expect(stream.incident()).toMatchObject({ severity: 'MAJOR', problemCount: 40, firstProblemAt: start });
  });

  test('resolves after quiet hours, counted from the end of the last breaching window', () => {
    const stream = simulate(ruleSet(rule));
    sendHours(stream, 0, [4, 3, 5, 4, 4, 4, 40, 30, 4, 4, 4, 4]);
    const changes = stream.transitions.filter((one) => one.type !== 'UPDATED');
    expect(types(changes)).toEqual(['DETECTED', 'OPENED', 'RESOLVED']);
    expect(changes.at(-1)?.at).toBe(T0 + (8 + 2) * HOUR_MS);
  });

  test('a breaching window is not learned', () => {
    const stream = simulate(ruleSet(rule));
    sendHours(stream, 0, [4, 4, 4, 4, 4, 4]);
    stream.advanceTo(T0 + 7 * HOUR_MS);
    const before = stream.memory()?.baseline?.mean;
    sendHours(stream, 7, [50]);
    stream.advanceTo(T0 + 9 * HOUR_MS);
    expect(stream.memory()?.baseline?.mean).toBeLessThanOrEqual(before ?? 0);
  });

  test('nothing is judged before enough was learned', () => {
    const stream = simulate(ruleSet(rule));
    sendHours(stream, 0, [50, 1, 2]);
    expect(stream.transitions).toEqual([]);
  });
});

describe('a learned mean of samples', () => {
  const rule = adaptiveRule({ measure: 'mean', direction: 'either', leastDeviationRatio: 0.05 });

  function sendSamples(stream: Simulation, hour: number, values: readonly number[]): string[] {
    return values.flatMap((value, i) => {
      const time = T0 + hour * HOUR_MS + i * MINUTE_MS;
      return types(stream.send(event({ time, kind: 'SAMPLE', value, severity: 'INFO' })));
    });
  }

  test('is judged when the window has closed: one sample alone proves nothing', () => {
    const stream = simulate(ruleSet(rule));
    for (let hour = 0; hour < 6; hour++) sendSamples(stream, hour, [100, 102, 98]);
    expect(sendSamples(stream, 6, [200, 200, 200])).toEqual([]);
    expect(stream.advanceTo(T0 + 8 * HOUR_MS)).toMatchObject([
      { type: 'DETECTED', at: T0 + 7 * HOUR_MS + MINUTE_MS },
      { type: 'OPENED', version: 2, reason: 'mean 200 in 1 h, usual 100 ± 5, limit 120' },
    ]);
    expect(stream.incident()).toMatchObject({
      severity: 'MAJOR',
      summary: 'shop/checkout: mean 200 in 1 h, usual 100 ± 5, limit 120',
      problemCount: 0,
      firstProblemAt: T0 + 6 * HOUR_MS,
    });
  });

  test('of a window during which a recovery was reported proves nothing', () => {
    const stream = simulate(ruleSet(rule));
    for (let hour = 0; hour < 6; hour++) sendSamples(stream, hour, [100]);
    sendSamples(stream, 6, [200]);
    stream.send(event({ time: T0 + 6 * HOUR_MS + 1000, kind: 'RECOVERY' }));
    expect(stream.advanceTo(T0 + 8 * HOUR_MS)).toEqual([]);
  });

  test('windows and timers that fall due together take effect in the order in which they were due', () => {
    const stream = simulate(ruleSet(rule));
    for (let hour = 0; hour < 6; hour++) sendSamples(stream, hour, [100]);
    sendSamples(stream, 6, [200]);
    sendSamples(stream, 7, [200]);
    stream.advanceTo(T0 + 7 * HOUR_MS + MINUTE_MS);
    stream.command(command({ incidentId: stream.incident()?.incidentId ?? '' }));
    const after = stream.advanceTo(T0 + 12 * HOUR_MS);
    expect(after.map((one) => [one.type, (one.at - T0) / HOUR_MS])).toEqual([
      ['ACK_EXPIRED', 7 + 31 / 60],
      ['UPDATED', 8 + 1 / 60],
      ['RESOLVED', 10],
    ]);
  });

  test('may also be too low', () => {
    const stream = simulate(ruleSet(rule));
    for (let hour = 0; hour < 6; hour++) sendSamples(stream, hour, [100]);
    sendSamples(stream, 6, [10]);
    expect(types(stream.advanceTo(T0 + 8 * HOUR_MS))).toEqual(['DETECTED', 'OPENED']);
  });

  test('one UPDATED for each further breaching window, then quiet resolves', () => {
    const stream = simulate(ruleSet(rule));
    for (let hour = 0; hour < 6; hour++) sendSamples(stream, hour, [100]);
    for (let hour = 6; hour < 9; hour++) sendSamples(stream, hour, [200]);
    for (let hour = 9; hour < 13; hour++) sendSamples(stream, hour, [100]);
    expect(types(stream.transitions)).toEqual(['DETECTED', 'OPENED', 'UPDATED', 'UPDATED', 'RESOLVED']);
  });

  test('a level that stays becomes the usual one where the rule says so', () => {
    const stream = simulate(
      ruleSet(adaptiveRule({ measure: 'mean', direction: 'either', acceptAfterWindows: 10 })),
    );
    for (let hour = 0; hour < 40; hour++) sendSamples(stream, hour, [hour < 10 ? 100 : 5]);
    expect(stream.memory()?.baseline?.mean).toBeCloseTo(5);
    expect(stream.incident()?.status).toBe('RESOLVED');
  });
});

describe('a learned greatest sample', () => {
  const rule = adaptiveRule({ measure: 'max', leastDeviationRatio: 0.05 });

  test('opens with the sample that exceeds it', () => {
    const stream = simulate(ruleSet(rule));
    for (let hour = 0; hour < 6; hour++)
      stream.send(event({ time: T0 + hour * HOUR_MS, kind: 'SAMPLE', value: 10 }));
    const spike = event({ time: T0 + 7 * HOUR_MS, kind: 'SAMPLE', value: 99, summary: 'slow' });
    expect(stream.send(spike)).toMatchObject([
      { type: 'DETECTED' },
      { type: 'OPENED', reason: 'max 99 in 1 h, usual 10 ± 0.5, limit 12' },
    ]);
    expect(stream.incident()).toMatchObject({ summary: 'slow', severity: 'MAJOR', problemCount: 0 });
  });

  test('is said once a window, and not again when the window closes', () => {
    const stream = simulate(ruleSet(rule));
    for (let hour = 0; hour < 6; hour++)
      stream.send(event({ time: T0 + hour * HOUR_MS, kind: 'SAMPLE', value: 10 }));
    for (let i = 0; i < 9; i++) stream.send(event({ time: T0 + 7 * HOUR_MS + i, kind: 'SAMPLE', value: 99 }));
    stream.advanceTo(T0 + 8 * HOUR_MS + MINUTE_MS);
    expect(types(stream.transitions)).toEqual(['DETECTED', 'OPENED']);
  });

  test('a spike after a recovery revokes it', () => {
    const stream = simulate(ruleSet(rule));
    for (let hour = 0; hour < 6; hour++)
      stream.send(event({ time: T0 + hour * HOUR_MS, kind: 'SAMPLE', value: 10 }));
    const spikeAt = T0 + 7 * HOUR_MS;
    stream.send(event({ time: spikeAt, kind: 'SAMPLE', value: 99 }));
    stream.send(event({ time: spikeAt + 1000, kind: 'RECOVERY' }));
    expect(types(stream.send(event({ time: spikeAt + 2000, kind: 'SAMPLE', value: 99 })))).toEqual([
      'UPDATED',
    ]);
    expect(stream.incident()?.recoveredAt).toBeNull();
  });

  test('a sample from before a recovery does not', () => {
    const stream = simulate(ruleSet(rule));
    for (let hour = 0; hour < 6; hour++)
      stream.send(event({ time: T0 + hour * HOUR_MS, kind: 'SAMPLE', value: 10 }));
    stream.send(event({ time: T0 + 7 * HOUR_MS + 1000, kind: 'RECOVERY' }));
    expect(stream.send(event({ time: T0 + 7 * HOUR_MS, kind: 'SAMPLE', value: 99 }))).toEqual([]);
  });
});
