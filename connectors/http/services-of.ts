import { SEVERITY_SYMBOLS } from '../../schemas/generated/IncidentEvent.ts';
import type { Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { ServiceSummary } from './incident-ports.ts';

type Growing = { -readonly [K in keyof ServiceSummary]: ServiceSummary[K] } & {
  bySeverity: Record<Severity, number>;
};

/** What is wrong at which service, the worst first; incidents that are not OPEN or ACKNOWLEDGED do not count. */
export function servicesOf(incidents: Iterable<IncidentState>): ServiceSummary[] {
  const services = new Map<string, Growing>();
  for (const incident of incidents) {
    if (incident.status !== 'OPEN' && incident.status !== 'ACKNOWLEDGED') continue;
    const summary = services.get(incident.service) ?? none(incident);
    services.set(incident.service, summary);
    summary.open += 1;
    summary.bySeverity[incident.severity] += 1;
    if (rankOf(incident.severity) > rankOf(summary.worstSeverity)) summary.worstSeverity = incident.severity;
    summary.changedAt = Math.max(summary.changedAt, incident.updatedAt);
  }
  return [...services.values()].sort(
    (a, b) =>
      rankOf(b.worstSeverity) - rankOf(a.worstSeverity) ||
      b.open - a.open ||
      (a.service < b.service ? -1 : 1),
  );
}

function none({ service, severity, updatedAt }: IncidentState): Growing {
  return {
    service,
    open: 0,
    bySeverity: { CRITICAL: 0, MAJOR: 0, MINOR: 0, INFO: 0 },
    worstSeverity: severity,
    changedAt: updatedAt,
  };
}

/** INFO is the first symbol of the schema. */
function rankOf(severity: Severity): number {
  return SEVERITY_SYMBOLS.indexOf(severity);
}
