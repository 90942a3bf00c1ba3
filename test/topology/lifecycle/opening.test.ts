import { describe, expect, test } from 'vitest';
import { event, HOUR_MS, MINUTE_MS, ruleSet, T0 } from '../fixtures.ts';
import { simulate, types } from '../simulation.ts';

describe('a fixed threshold', () => {
  test('the first problem makes the incident pending, the one that reaches the threshold opens it', () => {
    const stream = simulate(ruleSet());
    expect(types(stream.send(event({ time: T0 })))).toEqual(['DETECTED']);
    expect(stream.send(event({ time: T0 + 1000 }))).toEqual([]);
    expect(stream.send(event({ time: T0 + 2000 }))).toMatchObject([
      { type: 'OPENED', from: 'PENDING', to: 'OPEN', version: 2, reason: '3 problems in 1 min, limit 3' },
    ]);
    expect(stream.incident()).toMatchObject({
      status: 'OPEN',
      problemCount: 3,
      firstProblemAt: T0,
      lastProblemAt: T0 + 2000,
      openedAt: T0 + 2000,
    });
  });

  test('problems of different windows do not add up', () => {
    const stream = simulate(ruleSet());
    for (let i = 0; i < 4; i++) stream.send(event({ time: T0 + i * MINUTE_MS }));
    expect(stream.incident()).toMatchObject({ status: 'PENDING', problemCount: 4 });
  });

  test('each correlation key has an incident of its own', () => {
    const stream = simulate(ruleSet());
    for (let i = 0; i < 3; i++) stream.send(event({ time: T0 + i, component: `part-${i}` }));
    expect(types(stream.transitions)).toEqual(['DETECTED', 'DETECTED', 'DETECTED']);
    expect(new Set(stream.transitions.map((one) => one.incidentId)).size).toBe(3);
  });

  test('the fingerprint separates incidents of one component and is told in the state', () => {
    const stream = simulate(ruleSet());
    stream.send(event({ time: T0, fingerprint: 'a/b' }));
    stream.send(event({ time: T0 }));
    expect(stream.incident('shop/checkout/a/b')).toMatchObject({ fingerprint: 'a/b', problemCount: 1 });
    expect(stream.incident('shop/checkout')).toMatchObject({ fingerprint: null, problemCount: 1 });
  });
});

describe('opening at once', () => {
  test('a problem as bad as the rule names opens without waiting for the threshold', () => {
    const stream = simulate(ruleSet({ openImmediatelyAt: 'CRITICAL' }));
    const opened = stream.send(event({ severity: 'CRITICAL' }));
    expect(types(opened)).toEqual(['DETECTED', 'OPENED']);
    expect(opened.map((one) => one.version)).toEqual([1, 2]);
    expect(opened[1]?.reason).toBe('a CRITICAL problem opens at once (from CRITICAL on)');
  });

  test('a problem that is less bad does not', () => {
    const stream = simulate(ruleSet({ openImmediatelyAt: 'CRITICAL' }));
    expect(types(stream.send(event({ severity: 'MAJOR' })))).toEqual(['DETECTED']);
  });

  test('where every problem opens, the first does', () => {
    const stream = simulate(ruleSet({ openOnFirst: true, openWhen: {} }));
    expect(types(stream.send(event({ severity: 'INFO' })))).toEqual(['DETECTED', 'OPENED']);
  });

  test('it also opens what is pending', () => {
    const stream = simulate(ruleSet({ openImmediatelyAt: 'CRITICAL' }));
    stream.send(event({ time: T0 }));
    expect(types(stream.send(event({ time: T0 + 1, severity: 'CRITICAL', summary: 'down' })))).toEqual([
      'OPENED',
    ]);
    expect(stream.incident()).toMatchObject({ severity: 'CRITICAL', summary: 'down', problemCount: 2 });
  });
});

describe('pending', () => {
  test('without a further problem it was transient, as of when that was due', () => {
    const stream = simulate(ruleSet());
    stream.send(event({ time: T0 }));
    expect(stream.advanceTo(T0 + HOUR_MS)).toMatchObject([
      { type: 'TRANSIENT', from: 'PENDING', to: 'CLOSED', at: T0 + 10 * MINUTE_MS, version: 2 },
    ]);
    expect(stream.memory()).toBeNull();
  });

  test('a constant drip of problems keeps one incident pending and says so once', () => {
    const stream = simulate(ruleSet());
    for (let i = 0; i < 100; i++) stream.send(event({ time: T0 + i * 9 * MINUTE_MS }));
    expect(types(stream.transitions)).toEqual(['DETECTED']);
    expect(stream.incident()).toMatchObject({ status: 'PENDING', problemCount: 100 });
  });

  test('what was too little before it expired still adds up with the rest of its window', () => {
    const stream = simulate(ruleSet({ pendingMs: 10_000 }));
    for (const second of [0, 15, 30]) stream.send(event({ time: T0 + second * 1000 }));
    expect(types(stream.transitions)).toEqual([
      'DETECTED',
      'TRANSIENT',
      'DETECTED',
      'TRANSIENT',
      'DETECTED',
      'OPENED',
    ]);
  });
});

describe('escalation', () => {
  test('a worse problem escalates an open incident, an equally bad one does not', () => {
    const stream = simulate(ruleSet({ openOnFirst: true }));
    stream.send(event({ time: T0 }));
    expect(stream.send(event({ time: T0 + 1 }))).toEqual([]);
    expect(stream.send(event({ time: T0 + 2, severity: 'CRITICAL', summary: 'down' }))).toMatchObject([
      { type: 'ESCALATED', from: 'OPEN', to: 'OPEN', reason: 'CRITICAL after MINOR' },
    ]);
    expect(stream.incident()).toMatchObject({ severity: 'CRITICAL', summary: 'down' });
  });
});

describe('counts of an active incident', () => {
  test('are published once a closed window, not with every problem', () => {
    const stream = simulate(ruleSet({ openOnFirst: true }));
    for (let i = 0; i < 50; i++) stream.send(event({ time: T0 + i * 1000 }));
    expect(types(stream.transitions)).toEqual(['DETECTED', 'OPENED']);
    const updated = stream.advanceTo(T0 + 2 * MINUTE_MS);
    expect(updated).toMatchObject([{ type: 'UPDATED', at: T0 + 2 * MINUTE_MS, state: { problemCount: 50 } }]);
    expect(stream.advanceTo(T0 + 10 * MINUTE_MS)).toEqual([]);
  });
});
