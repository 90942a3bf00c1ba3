import type { Severity } from '../../schemas/generated/IncidentEvent.ts';

const RANK: Readonly<Record<Severity, number>> = { INFO: 0, MINOR: 1, MAJOR: 2, CRITICAL: 3 };

export function isWorse(severity: Severity, than: Severity): boolean {
  return RANK[severity] > RANK[than];
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return RANK[severity] >= RANK[least];
}

export function worseOf(one: Severity, other: Severity): Severity {
  return isWorse(other, one) ? other : one;
}
