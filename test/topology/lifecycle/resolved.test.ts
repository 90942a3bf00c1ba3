import { describe, expect, test } from 'vitest';
import { command, event, HOUR_MS, MINUTE_MS, ruleSet, T0 } from '../fixtures.ts';
import { simulate, types, type Simulation } from '../simulation.ts';

function resolvedAt(time: number, rule: Record<string, unknown>): Simulation {
  const stream = simulate(ruleSet({ holdMs: 0, ...rule }));
  stream.send(event({ time: time - 1000, severity: 'CRITICAL' }));
  stream.send(event({ time, kind: 'RECOVERY' }));
  expect(stream.incident()?.status).toBe('RESOLVED');
  return stream;
}

describe('coming back', () => {
  test('within the reopen time it is the same incident, counted as reopened', () => {
    const stream = resolvedAt(T0, { openOnFirst: true });
    const before = stream.incident();
    expect(stream.send(event({ time: T0 + 20 * MINUTE_MS }))).toMatchObject([
      { type: 'REOPENED', from: 'RESOLVED', to: 'OPEN', incidentId: before?.incidentId },
    ]);
    expect(stream.incident()).toMatchObject({
      reopenCount: 1,
      resolvedAt: null,
      recoveredAt: null,
      problemCount: 2,
    });
  });

  test('later it is another incident, and the old one is closed first', () => {
    const stream = resolvedAt(T0, { openOnFirst: true });
    const old = stream.incident()?.incidentId;
    const after = stream.send(event({ time: T0 + 20 * MINUTE_MS + 1 }));
    expect(types(after)).toEqual(['CLOSED', 'DETECTED', 'OPENED']);
    expect(after[0]?.incidentId).toBe(old);
    expect(after[1]).toMatchObject({ version: 1, from: null });
    expect(after[1]?.incidentId).not.toBe(old);
  });

  test('needs as much as opening did: one problem below the threshold does not reopen', () => {
    const stream = resolvedAt(T0, { openImmediatelyAt: 'CRITICAL' });
    expect(stream.send(event({ time: T0 + MINUTE_MS }))).toEqual([]);
    stream.send(event({ time: T0 + MINUTE_MS + 1 }));
    expect(types(stream.send(event({ time: T0 + MINUTE_MS + 2 })))).toEqual(['REOPENED']);
    expect(stream.incident()?.problemCount).toBe(4);
  });

  test('problems of the window that was resolved do not count again', () => {
    const stream = simulate(ruleSet());
    for (let i = 0; i < 10; i++) stream.send(event({ time: T0 + i }));
    const incidentId = stream.incident()?.incidentId ?? '';
    expect(stream.command(command({ action: 'RESOLVE', incidentId }))).toBeNull();
    expect(stream.send(event({ time: T0 + 20 }))).toEqual([]);
    expect(stream.send(event({ time: T0 + 21 }))).toEqual([]);
    expect(types(stream.send(event({ time: T0 + 22 })))).toEqual(['REOPENED']);
  });
});

test('what counts as resolved is the latest window that the incident has seen', () => {
  const stream = simulate(ruleSet());
  for (let i = 0; i < 3; i++) stream.send(event({ time: T0 + i }));
  for (let i = 0; i < 5; i++) stream.send(event({ time: T0 + MINUTE_MS + i }));
  stream.send(event({ time: T0 + 10 }));
  const incidentId = stream.incident()?.incidentId ?? '';
  stream.command(command({ action: 'RESOLVE', incidentId }));
  expect(stream.send(event({ time: T0 + MINUTE_MS + 10 }))).toEqual([]);
});

describe('the end', () => {
  test('resolved for long enough it is closed, and nothing is left of it', () => {
    const stream = resolvedAt(T0, { openOnFirst: true });
    expect(stream.advanceTo(T0 + 48 * HOUR_MS)).toMatchObject([
      {
        type: 'CLOSED',
        from: 'RESOLVED',
        to: 'CLOSED',
        at: T0 + 24 * HOUR_MS,
        state: { closedAt: T0 + 24 * HOUR_MS },
      },
    ]);
    expect(stream.memory()).toBeNull();
  });
});
