import { describe, expect, test } from 'vitest';
import { event, HOUR_MS, MINUTE_MS, ruleSet, T0 } from '../fixtures.ts';
import { simulate, types } from '../simulation.ts';

const statusPage = { openOnFirst: true, openWhen: {}, quietMs: null };

describe('a recovery', () => {
  test('resolves once it has held, as of when that was due', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 }));
    stream.send(event({ time: T0 + MINUTE_MS, kind: 'RECOVERY' }));
    expect(stream.incident()).toMatchObject({ status: 'OPEN', recoveredAt: T0 + MINUTE_MS });
    expect(stream.advanceTo(T0 + HOUR_MS)).toMatchObject([
      {
        type: 'RESOLVED',
        to: 'RESOLVED',
        at: T0 + 3 * MINUTE_MS,
        reason: 'recovered, and that held for 2 min',
      },
    ]);
  });

  test('that a further problem revokes does not resolve', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 }));
    stream.send(event({ time: T0 + MINUTE_MS, kind: 'RECOVERY' }));
    expect(stream.send(event({ time: T0 + 2 * MINUTE_MS }))).toMatchObject([
      { type: 'UPDATED', state: { recoveredAt: null, problemCount: 2 } },
    ]);
    stream.advanceTo(T0 + HOUR_MS);
    expect(stream.incident()?.status).toBe('OPEN');
  });

  test('older than the last problem does not resolve', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 + 30_000 }));
    expect(stream.send(event({ time: T0 + 29_999, kind: 'RECOVERY' }))).toEqual([]);
    expect(stream.incident()?.recoveredAt).toBeNull();
  });

  test('at the very time of the last problem does', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 }));
    expect(types(stream.send(event({ time: T0, kind: 'RECOVERY' })))).toEqual(['RECOVERED']);
  });

  test('said twice counts once', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 }));
    stream.send(event({ time: T0 + 1000, kind: 'RECOVERY' }));
    expect(stream.send(event({ time: T0 + 2000, kind: 'RECOVERY' }))).toEqual([]);
  });

  test('makes what is pending transient at once', () => {
    const stream = simulate(ruleSet());
    stream.send(event({ time: T0 }));
    expect(stream.send(event({ time: T0 + 1000, kind: 'RECOVERY' }))).toMatchObject([
      { type: 'TRANSIENT', to: 'CLOSED', at: T0 + 1000, state: { recoveredAt: T0 + 1000 } },
    ]);
    expect(stream.incident()).toBeNull();
  });

  test('that took long to arrive resolves no earlier than it was heard of', () => {
    const stream = simulate(ruleSet({ ...statusPage, holdMs: 1000 }));
    stream.send(event({ time: T0 }));
    stream.advanceTo(T0 + 50_000);
    const heard = stream.send(event({ time: T0 + 1, kind: 'RECOVERY' }));
    expect(heard).toMatchObject([
      { type: 'RECOVERED', at: T0 + 50_000, state: { recoveredAt: T0 + 1 } },
      { type: 'RESOLVED', at: T0 + 50_000 },
    ]);
  });

  test('ends what its window held: only what comes after it counts towards the threshold', () => {
    const stream = simulate(ruleSet());
    for (const second of [0, 1]) stream.send(event({ time: T0 + second * 1000 }));
    stream.send(event({ time: T0 + 2000, kind: 'RECOVERY' }));
    const after = [3, 4, 5].map((second) => types(stream.send(event({ time: T0 + second * 1000 }))));
    expect(after).toEqual([['DETECTED'], [], ['OPENED']]);
  });

  test('that held ends what its window held, too', () => {
    const stream = simulate(ruleSet({ holdMs: 1000 }));
    for (let i = 0; i < 10; i++) stream.send(event({ time: T0 + i }));
    stream.send(event({ time: T0 + 1000, kind: 'RECOVERY' }));
    const after = [3, 4, 5].map((second) => types(stream.send(event({ time: T0 + second * 1000 }))));
    expect(after).toEqual([['RESOLVED'], [], ['REOPENED']]);
  });

  test('that needs not hold resolves in the same step', () => {
    const stream = simulate(ruleSet({ ...statusPage, holdMs: 0 }));
    stream.send(event({ time: T0 }));
    expect(types(stream.send(event({ time: T0 + 1, kind: 'RECOVERY' })))).toEqual(['RECOVERED', 'RESOLVED']);
  });
});

describe('out of order', () => {
  test('a problem that comes after its recovery does not open an incident that nothing would end', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 + 30_000, kind: 'RECOVERY' }));
    expect(stream.send(event({ time: T0 }))).toMatchObject([
      { type: 'DETECTED', version: 1 },
      { type: 'TRANSIENT', version: 2, to: 'CLOSED', reason: 'its recovery had come before it' },
    ]);
    expect(stream.incident()).toBeNull();
  });

  test('an incident began with its earliest problem, whichever came first', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 + 30_000 }));
    stream.send(event({ time: T0 + 10_000 }));
    expect(stream.incident()).toMatchObject({ firstProblemAt: T0 + 10_000, lastProblemAt: T0 + 30_000 });
  });

  test('many of them leave one trace a window', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 + 50_000, kind: 'RECOVERY' }));
    for (let i = 0; i < 40; i++) stream.send(event({ time: T0 + i * 1000 }));
    expect(types(stream.transitions)).toEqual(['DETECTED', 'TRANSIENT']);
  });

  test('a problem from after the recovery opens as usual', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 + 30_000, kind: 'RECOVERY' }));
    expect(types(stream.send(event({ time: T0 + 30_001 })))).toEqual(['DETECTED', 'OPENED']);
  });

  test('a problem from before the recovery adds to the incident without revoking it', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 }));
    stream.send(event({ time: T0 + 30_000, kind: 'RECOVERY' }));
    expect(stream.send(event({ time: T0 + 20_000 }))).toEqual([]);
    expect(stream.incident()).toMatchObject({ recoveredAt: T0 + 30_000, problemCount: 2 });
  });

  test('a problem between two recoveries moves the beginning of the recovery', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0 }));
    stream.send(event({ time: T0 + 10_000, kind: 'RECOVERY' }));
    stream.send(event({ time: T0 + 30_000, kind: 'RECOVERY' }));
    stream.send(event({ time: T0 + 20_000 }));
    expect(stream.incident()?.recoveredAt).toBe(T0 + 30_000);
  });

  test('a problem from before the recovery does not reopen what it resolved', () => {
    const stream = simulate(ruleSet({ ...statusPage, holdMs: 0 }));
    stream.send(event({ time: T0 }));
    stream.send(event({ time: T0 + 30_000, kind: 'RECOVERY' }));
    expect(stream.send(event({ time: T0 + 20_000 }))).toEqual([]);
    expect(stream.incident()).toMatchObject({ status: 'RESOLVED', problemCount: 2 });
  });

  test('a recovery is remembered until no earlier problem is accepted any more, then forgotten', () => {
    const stream = simulate(ruleSet(statusPage));
    stream.send(event({ time: T0, kind: 'RECOVERY' }));
    stream.advanceTo(T0 + MINUTE_MS);
    expect(stream.memory()?.recoveredUpTo).toBe(T0);
    stream.advanceTo(T0 + 2 * MINUTE_MS);
    expect(stream.memory()).toBeNull();
  });
});

describe('quiet', () => {
  test('resolves where no recovery is ever reported', () => {
    const stream = simulate(ruleSet({ openOnFirst: true }));
    stream.send(event({ time: T0 }));
    expect(stream.advanceTo(T0 + HOUR_MS)).toMatchObject([
      { type: 'RESOLVED', at: T0 + 15 * MINUTE_MS, reason: 'quiet for 15 min' },
    ]);
  });

  test('begins after the last breaching window, however many single problems there are', () => {
    const stream = simulate(ruleSet());
    for (let i = 0; i < 3; i++) stream.send(event({ time: T0 + i }));
    const after: string[] = [];
    for (let minute = 1; minute <= 30; minute++) {
      after.push(
        ...types(stream.send(event({ time: T0 + minute * MINUTE_MS }))).filter((type) => type !== 'UPDATED'),
      );
    }
    expect(after).toEqual(['RESOLVED']);
    const resolved = stream.transitions.find((one) => one.type === 'RESOLVED');
    expect(resolved?.at).toBe(T0 + MINUTE_MS + 15 * MINUTE_MS);
  });
});
