import { describe, expect, test } from 'vitest';
import { command, event, HOUR_MS, MINUTE_MS, ruleSet, T0 } from '../fixtures.ts';
import { simulate, types, type Simulation } from '../simulation.ts';

function openIncident(): { stream: Simulation; incidentId: string } {
  const stream = simulate(ruleSet({ openOnFirst: true, quietMs: null }));
  stream.send(event({ time: T0 }));
  return { stream, incidentId: stream.incident()?.incidentId ?? '' };
}

describe('acknowledging', () => {
  test('names who took it', () => {
    const { stream, incidentId } = openIncident();
    expect(stream.command(command({ incidentId, actor: 'ann', comment: 'on it' }))).toBeNull();
    expect(stream.transitions.at(-1)).toMatchObject({ type: 'ACKNOWLEDGED', actor: 'ann', comment: 'on it' });
    expect(stream.incident()).toMatchObject({
      status: 'ACKNOWLEDGED',
      acknowledgedAt: T0,
      acknowledgedBy: 'ann',
    });
  });

  test('expires without a resolution, as of when that was due', () => {
    const { stream, incidentId } = openIncident();
    stream.command(command({ incidentId }));
    expect(stream.advanceTo(T0 + HOUR_MS)).toMatchObject([
      { type: 'ACK_EXPIRED', from: 'ACKNOWLEDGED', to: 'OPEN', at: T0 + 30 * MINUTE_MS },
    ]);
    expect(stream.incident()).toMatchObject({ acknowledgedAt: null, acknowledgedBy: null });
  });

  test('ends when the incident gets worse', () => {
    const { stream, incidentId } = openIncident();
    stream.command(command({ incidentId }));
    expect(stream.send(event({ time: T0 + 1, severity: 'MAJOR' }))).toMatchObject([
      { type: 'ESCALATED', from: 'ACKNOWLEDGED', to: 'OPEN' },
    ]);
    expect(stream.incident()?.acknowledgedBy).toBeNull();
  });

  test('twice is refused, naming who has it', () => {
    const { stream, incidentId } = openIncident();
    stream.command(command({ incidentId, actor: 'ann' }));
    expect(stream.command(command({ incidentId, actor: 'bob' }))).toContain('acknowledged already, by ann');
    expect(stream.incident()?.acknowledgedBy).toBe('ann');
  });

  test('what is pending is refused', () => {
    const stream = simulate(ruleSet());
    stream.send(event({ time: T0 }));
    const incidentId = stream.incident()?.incidentId ?? '';
    expect(stream.command(command({ incidentId }))).toContain('is PENDING: only OPEN can be acknowledged');
  });
});

describe('resolving by hand', () => {
  test('resolves at once', () => {
    const { stream, incidentId } = openIncident();
    expect(stream.command(command({ incidentId, action: 'RESOLVE' }))).toBeNull();
    expect(stream.incident()).toMatchObject({ status: 'RESOLVED', resolvedAt: T0 });
  });

  test('a straggler from before does not reopen it', () => {
    const { stream, incidentId } = openIncident();
    stream.advanceTo(T0 + 30_000);
    stream.command(command({ incidentId, action: 'RESOLVE' }));
    expect(stream.send(event({ time: T0 + 29_000 }))).toEqual([]);
    expect(types(stream.send(event({ time: T0 + 31_000 })))).toEqual(['REOPENED']);
  });

  test('what is pending is called transient, by whom', () => {
    const stream = simulate(ruleSet());
    stream.send(event({ time: T0 }));
    stream.command(
      command({ incidentId: stream.incident()?.incidentId ?? '', action: 'RESOLVE', actor: 'bob' }),
    );
    expect(stream.transitions.at(-1)).toMatchObject({ type: 'TRANSIENT', to: 'CLOSED', actor: 'bob' });
  });
});

describe('commenting', () => {
  test('adds to the history and changes no status', () => {
    const { stream, incidentId } = openIncident();
    stream.command(command({ incidentId, action: 'COMMENT', comment: 'looks like DNS' }));
    expect(stream.transitions.at(-1)).toMatchObject({
      type: 'COMMENTED',
      from: 'OPEN',
      to: 'OPEN',
      version: 3,
      comment: 'looks like DNS',
    });
  });
});

describe('a command that cannot be carried out is refused with a reason and changes nothing', () => {
  test('an unknown key', () => {
    const { stream } = openIncident();
    expect(stream.command(command({ correlationKey: 'shop/other', incidentId: 'x' }))).toBe(
      'there is no incident x under shop/other: unknown, or closed already',
    );
  });

  test('an earlier incident of the same key', () => {
    const { stream } = openIncident();
    const before = stream.memory();
    expect(stream.command(command({ incidentId: 'x', action: 'RESOLVE' }))).toContain(
      'there is no incident x',
    );
    expect(stream.memory()).toBe(before);
  });

  test('an incident that closes before the command takes effect', () => {
    const { stream, incidentId } = openIncident();
    stream.command(command({ incidentId, action: 'RESOLVE' }));
    stream.advanceTo(T0 + 25 * HOUR_MS);
    expect(stream.command(command({ incidentId, action: 'COMMENT', comment: 'thanks' }))).toContain(
      'closed already',
    );
  });

  test('resolving what is resolved', () => {
    const { stream, incidentId } = openIncident();
    stream.command(command({ incidentId, action: 'RESOLVE' }));
    expect(stream.command(command({ incidentId, action: 'RESOLVE' }))).toContain('is resolved already');
  });
});
