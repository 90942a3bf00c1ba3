import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { OperatorCommand } from '../../schemas/generated/OperatorCommand.ts';
import { parseRules } from '../../topology/rules/parse-rules.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
/** A full hour, so that windows are easy to read. */
export const T0 = Date.UTC(2024, 0, 1);

let nextId = 0;

export function event(fields: Partial<IncidentEvent> = {}): IncidentEvent {
  nextId += 1;
  return {
    id: `e${nextId}`,
    source: 'probe',
    type: 'com.example.probe.failed',
    time: T0,
    service: 'shop',
    component: 'checkout',
    fingerprint: null,
    kind: 'PROBLEM',
    severity: 'MINOR',
    summary: 'checkout failed',
    value: null,
    attributes: {},
    ...fields,
  };
}

export function command(fields: Partial<OperatorCommand> = {}): OperatorCommand {
  nextId += 1;
  return {
    id: `c${nextId}`,
    time: T0,
    incidentId: 'unknown',
    correlationKey: 'shop/checkout',
    action: 'ACKNOWLEDGE',
    actor: 'ann',
    comment: null,
    ...fields,
  };
}

/** A rule file's rule with three problems a minute as its threshold; `fields` replace or add. */
export function ruleJson(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'default',
    version: 1,
    windowMs: MINUTE_MS,
    openWhen: { problemCount: 3 },
    pendingMs: 10 * MINUTE_MS,
    holdMs: 2 * MINUTE_MS,
    quietMs: 15 * MINUTE_MS,
    ackExpiryMs: 30 * MINUTE_MS,
    reopenMs: 20 * MINUTE_MS,
    retentionMs: 24 * HOUR_MS,
    ...fields,
  };
}

export function ruleSetJson(...rules: Record<string, unknown>[]): Record<string, unknown> {
  return {
    limits: {
      graceMs: MINUTE_MS,
      dedupeWithinMs: HOUR_MS,
      maxAheadMs: MINUTE_MS,
      minTime: '2000-01-01T00:00:00Z',
    },
    rules: rules.length === 0 ? [ruleJson()] : rules,
  };
}

export function ruleSet(fields: Record<string, unknown> = {}): RuleSet {
  return parseRules(ruleSetJson(ruleJson(fields)));
}
