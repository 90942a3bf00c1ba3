import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IncidentTransition } from '../../../schemas/generated/IncidentTransition.ts';
import { isLegal } from '../../../topology/lifecycle/edges.ts';
import { event, HOUR_MS, T0 } from '../fixtures.ts';
import type { Simulation } from '../simulation.ts';
import { COMPONENTS, play, script, type Act } from './scripts.ts';

const RUNS = { numRuns: 100 };

function histories(transitions: readonly IncidentTransition[]): IncidentTransition[][] {
  return [...Map.groupBy(transitions, (transition) => transition.incidentId).values()];
}

function everyScript(check: (acts: Act[]) => void): void {
  fc.assert(fc.property(script, check), RUNS);
}

function memories(stream: Simulation) {
  return COMPONENTS.flatMap((component) => stream.memory(`shop/${component}`) ?? []);
}

test('the scripts reach every kind of transition, and open incidents under every rule', () => {
  const seen = new Set<string>();
  const openedUnder = new Set<string>();
  for (const acts of fc.sample(script, { numRuns: 300, seed: 1 })) {
    for (const { type, ruleId } of play(acts).transitions) {
      seen.add(type);
      if (type === 'OPENED') openedUnder.add(ruleId);
    }
  }
  expect([...openedUnder].sort()).toEqual([...COMPONENTS].sort());
  expect([...seen].sort()).toEqual([
    'ACKNOWLEDGED',
    'ACK_EXPIRED',
    'CLOSED',
    'COMMENTED',
    'DETECTED',
    'ESCALATED',
    'OPENED',
    'RECOVERED',
    'REOPENED',
    'RESOLVED',
    'TRANSIENT',
    'UPDATED',
  ]);
});

test('the version of an incident rises by exactly one with every transition, from 1', () => {
  everyScript((acts) => {
    for (const history of histories(play(acts).transitions)) {
      expect(history.map((one) => one.version)).toEqual(history.map((_, index) => index + 1));
    }
  });
});

test('every transition follows a legal edge, from where the one before led to', () => {
  everyScript((acts) => {
    for (const history of histories(play(acts).transitions)) {
      history.forEach((one, index) => {
        expect(one.from).toBe(history[index - 1]?.to ?? null);
        expect(isLegal(one.type, one.from, one.to)).toBe(true);
      });
    }
  });
});

test('a transition carries the whole state after it', () => {
  everyScript((acts) => {
    for (const one of play(acts).transitions) {
      expect(one.state).toMatchObject({
        incidentId: one.incidentId,
        correlationKey: one.correlationKey,
        status: one.to,
        version: one.version,
        updatedAt: one.at,
      });
      expect(one.state.openedAt === null).toBe(
        one.type === 'DETECTED' || one.type === 'TRANSIENT' || one.to === 'PENDING',
      );
      expect(one.state.acknowledgedAt !== null && one.to === 'OPEN').toBe(false);
      expect(one.state.resolvedAt !== null).toBe(one.to === 'RESOLVED' || one.type === 'CLOSED');
      expect(one.state.closedAt !== null).toBe(one.to === 'CLOSED');
      expect(one.state.firstProblemAt).toBeLessThanOrEqual(one.state.lastProblemAt);
    }
  });
});

test('time never runs backwards within the history of a key', () => {
  everyScript((acts) => {
    for (const history of Map.groupBy(play(acts).transitions, (one) => one.correlationKey).values()) {
      history.forEach((one, index) => expect(one.at).toBeGreaterThanOrEqual(history[index - 1]?.at ?? 0));
    }
  });
});

test('an incident stays until it is closed: none vanishes, none outlives its end, a key has one at a time', () => {
  everyScript((acts) => {
    const stream = play(acts);
    for (const history of Map.groupBy(stream.transitions, (one) => one.correlationKey).values()) {
      const last = history.at(-1);
      const alive = last?.to === 'CLOSED' ? undefined : last?.incidentId;
      expect(stream.incident(last?.correlationKey)?.incidentId).toBe(alive);
      history.forEach((one, index) => {
        const next = history[index + 1];
        if (next !== undefined) expect(next.incidentId === one.incidentId).toBe(one.to !== 'CLOSED');
      });
    }
  });
});

test('the same input gives the same output', () => {
  everyScript((acts) => {
    expect(play(acts).transitions).toEqual(play(acts).transitions);
  });
});

test('no timer is left overdue, none is due before the latest transition', () => {
  everyScript((acts) => {
    play(acts, {}, (stream, streamTime) => {
      for (const memory of memories(stream)) {
        if (memory.nextDueAt === null) continue;
        expect(memory.nextDueAt).toBeGreaterThan(streamTime);
        expect(memory.nextDueAt).toBeGreaterThanOrEqual(memory.incident?.updatedAt ?? 0);
      }
    });
  });
});

test('how often timers are looked at makes no difference to the history', () => {
  const withoutCause = (stream: Simulation): unknown[] =>
    histories(stream.transitions)
      .flat()
      .map(({ cause: _, ...rest }) => rest)
      .sort((one, other) => one.incidentId.localeCompare(other.incidentId) || one.version - other.version);
  everyScript((acts) => {
    const often = play(acts, { timers: 'every-record' });
    const seldom = play(acts, { timers: 'own-key' });
    // So that what was due by the end has happened in both.
    for (const stream of [often, seldom]) for (const component of COMPONENTS) touch(stream, component);
    expect(withoutCause(seldom)).toEqual(withoutCause(often));
  });
});

function touch(stream: Simulation, component: string): void {
  stream.send(
    event({ id: `last-${component}`, component, kind: 'SAMPLE', value: 10, time: T0 + 100 * HOUR_MS }),
  );
}

test('every event is accounted for, and what is late, repeated or broken changes nothing', () => {
  everyScript((acts) => {
    const stream = play(acts);
    const received = acts.reduce((sum, act) => sum + (act.act === 'event' ? (act.twice ? 2 : 1) : 0), 0);
    const { applied, duplicate, late, rejected } = stream.ledger;
    expect(applied + duplicate + late + rejected).toBe(received);
    expect(rejected).toBe(0);
    const once = play(acts.map((act) => (act.act === 'event' ? { ...act, twice: false } : act)));
    expect(once.transitions.map(({ cause: _, ...rest }) => rest)).toEqual(
      stream.transitions.map(({ cause: _, ...rest }) => rest),
    );
  });
});

test('an incident whose recovery holds is resolved once time has passed', () => {
  everyScript((acts) => {
    const stream = play(acts);
    const recovered = memories(stream).flatMap(({ incident }) => (incident?.recoveredAt ? [incident] : []));
    stream.advanceTo(T0 + 1000 * HOUR_MS);
    for (const incident of recovered) {
      const after = stream.transitions.filter((one) => one.incidentId === incident.incidentId);
      expect(after.map((one) => one.type)).toContain('RESOLVED');
      expect(after.at(-1)?.type).toBe('CLOSED');
    }
  });
});

test('when nothing more comes, nothing that may end by itself stays, and no memory either', () => {
  everyScript((acts) => {
    const stream = play(acts);
    stream.advanceTo(T0 + 100_000 * HOUR_MS);
    for (const { incident } of memories(stream)) {
      // Only a status page's incident waits for its recovery for ever: its rule knows no quiet.
      expect(incident).toMatchObject({ ruleId: 'first', recoveredAt: null });
    }
  });
});
