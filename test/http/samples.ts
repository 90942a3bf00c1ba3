import { alertOf } from '../../schemas/alert.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';

export const T0 = Date.UTC(2026, 0, 1);

export function eventJson(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'e-1',
    source: 'probe',
    type: 'com.example.probe.failed',
    time: T0,
    service: 'shop',
    component: 'cart',
    fingerprint: null,
    kind: 'PROBLEM',
    severity: 'MAJOR',
    summary: 'checkout answers 500',
    value: null,
    attributes: { region: 'eu' },
    ...overrides,
  };
}

export function incident(overrides: Partial<IncidentState> = {}): IncidentState {
  return {
    incidentId: 'inc-1',
    correlationKey: 'shop/cart',
    service: 'shop',
    component: 'cart',
    fingerprint: null,
    status: 'OPEN',
    severity: 'MAJOR',
    summary: 'checkout answers 500',
    version: 2,
    firstProblemAt: T0,
    lastProblemAt: T0,
    openedAt: T0,
    acknowledgedAt: null,
    acknowledgedBy: null,
    recoveredAt: null,
    resolvedAt: null,
    closedAt: null,
    problemCount: 3,
    reopenCount: 0,
    ruleId: 'default',
    ruleVersion: 1,
    updatedAt: T0,
    ...overrides,
  };
}

export function transition(overrides: Partial<IncidentTransition> = {}): IncidentTransition {
  const state = overrides.state ?? incident();
  return {
    incidentId: state.incidentId,
    correlationKey: state.correlationKey,
    version: state.version,
    type: 'OPENED',
    from: 'PENDING',
    to: state.status,
    at: T0,
    reason: '3 problems in a minute',
    ruleId: 'default',
    ruleVersion: 1,
    actor: 'system',
    comment: null,
    cause: { topic: 'incident.inbox', partition: 0, offset: 0, eventSource: 'probe', eventId: 'e-1' },
    state,
    ...overrides,
  };
}

export function alert(overrides: Partial<Alert> = {}): Alert {
  const opened = alertOf(transition());
  if (opened === null) throw new TypeError('a transition nobody is told of');
  return { ...opened, ...overrides };
}
